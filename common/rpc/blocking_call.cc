#include "common/rpc/blocking_call.h"

#include <future>
#include <memory>
#include <utility>

#include "common/env/real/clock.h"

namespace quorum {

absl::StatusOr<std::string> CallAndWait(Transport& transport, NodeId peer, const std::string& path,
                                        std::string bytes, Duration timeout) {
  const auto outcome = std::make_shared<std::promise<absl::StatusOr<std::string>>>();
  std::future<absl::StatusOr<std::string>> future = outcome->get_future();
  transport.Call(peer, path, std::move(bytes), AddSaturating(MonotonicNow(), timeout),
                 [outcome](absl::Status status, std::string response) {
                   if (!status.ok()) return outcome->set_value(std::move(status));
                   outcome->set_value(std::move(response));
                 });
  return future.get();
}

}  // namespace quorum
