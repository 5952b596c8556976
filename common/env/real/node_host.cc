#include "common/env/real/node_host.h"

#include <utility>

namespace quorum {

NodeHost::NodeHost(std::unique_ptr<DurableStore> store, std::unique_ptr<Transport> transport,
                   RealEnv::LogSink log, DiskFailed disk_failed)
    : store_(std::move(store)),
      transport_(std::move(transport)),
      disk_failed_(std::move(disk_failed)),
      env_(
          loop_, *store_, *transport_, [this](std::uint64_t number) { flusher_.Request(number); },
          std::move(log)),
      flusher_(*store_, [this](const absl::Status& status, std::uint64_t durable) {
        if (!status.ok()) return disk_failed_(status);
        loop_.Dispatch([this, durable] { env_.SetDurable(durable); });
      }) {}

absl::Status NodeHost::Start(MakeNode make) {
  // The loop starts last and makes the node first: a request that comes at once waits for it.
  loop_.Post([this, make = std::move(make)]() mutable { node_ = make(env_); });
  absl::Status status = transport_->Start([this](Transport::Request request) {
    loop_.Dispatch(
        [this, request = std::move(request)]() mutable { env_.Receive(std::move(request)); });
  });
  if (!status.ok()) return status;
  loop_.Start();
  running_ = true;
  loop_.RunAndWait([] {});
  return absl::OkStatus();
}

void NodeHost::Stop() {
  if (std::exchange(running_, false)) {
    loop_.RunAndWait([this] {
      env_.Retire();
      node_.reset();
    });
  }
  transport_->Stop();
  flusher_.Stop();
  loop_.Stop();
}

void NodeHost::RunAndWait(absl::AnyInvocable<void(Env& env, Node& node)> task) {
  loop_.RunAndWait([&] { task(env_, *node_); });
}

}  // namespace quorum
