#pragma once

#include <memory>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "common/env/node.h"
#include "common/env/real/event_loop.h"
#include "common/env/real/flusher.h"
#include "common/env/real/real_env.h"
#include "common/rpc/transport.h"
#include "common/storage/durable_store.h"

namespace quorum {

/// One node that runs for real: its loop, its `Env`, its disk and its connection to the others.
class NodeHost {
 public:
  /// Makes the node; called on the node's loop, as every handler is.
  using MakeNode = absl::AnyInvocable<std::unique_ptr<Node>(Env& env)>;
  /// Called on some thread when the disk cannot say what it holds. Must end the process: nothing
  /// that the node sent or will send after its last durable write may leave.
  using DiskFailed = absl::AnyInvocable<void(const absl::Status& status)>;

  NodeHost(std::unique_ptr<DurableStore> store, std::unique_ptr<Transport> transport,
           RealEnv::LogSink log, DiskFailed disk_failed);
  ~NodeHost() { Stop(); }

  /// Boots the node and begins to accept requests, all of which find it complete. An error says why
  /// the transport cannot listen; the node was not made then.
  absl::Status Start(MakeNode make);

  /// Destroys the node, then stops everything. No code of the node runs after it returns, and
  /// nothing waits for the disk: as after a crash, only what is durable counts.
  void Stop();

  /// Runs `task` on the node's loop, between two handlers, and waits for it. Between `Start` and
  /// `Stop`.
  void RunAndWait(absl::AnyInvocable<void(Env& env, Node& node)> task);

 private:
  EventLoop loop_;
  std::unique_ptr<DurableStore> store_;
  std::unique_ptr<Transport> transport_;
  DiskFailed disk_failed_;
  RealEnv env_;
  Flusher flusher_;
  std::unique_ptr<Node> node_;
  bool running_ = false;
};

}  // namespace quorum
