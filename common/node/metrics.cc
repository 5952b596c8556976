#include "common/node/metrics.h"

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/node/measured_store.h"
#include "common/node/measured_transport.h"
#include "common/node/registered_metrics.h"

namespace quorum {

absl::StatusOr<std::shared_ptr<Metrics>> Metrics::Serve(int port) {
  try {
    return std::make_shared<Registered>(port);
  } catch (const std::exception& error) {
    return absl::FailedPreconditionError(absl::StrCat(
        "Metrics cannot be served on 127.0.0.1:", port, ": the port is taken or not ours."));
  }
}

std::unique_ptr<Transport> Metrics::Measure(std::shared_ptr<Metrics> metrics,
                                            std::unique_ptr<Transport> transport) {
  return MeasureTransport(std::static_pointer_cast<Registered>(metrics), std::move(transport));
}

std::unique_ptr<DurableStore> Metrics::Measure(std::shared_ptr<Metrics> metrics,
                                               std::unique_ptr<DurableStore> store) {
  return MeasureStore(std::static_pointer_cast<Registered>(metrics), std::move(store));
}

}  // namespace quorum
