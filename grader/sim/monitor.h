#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "common/storage/write_batch.h"
#include "grader/sim/disk.h"
#include "grader/sim/message.h"

namespace quorum::sim {

/// Watches a world from outside. It sees what others could see: messages once they leave their
/// node, writes once they are durable, operations as their client sees them. What a node has not
/// yet made durable it has not yet said, and nobody judges it for that.
class Monitor {
 public:
  virtual ~Monitor() = default;

  /// A message leaves its node; the synced writes before it are durable. `path` names the method.
  virtual void OnSend(const Message& message, std::string_view path) {}
  /// A message reaches a running node.
  virtual void OnDeliver(const Message& message, std::string_view path) {}
  /// `batch` of `node` has become durable; batches come in the order in which they were written.
  virtual void OnDurable(NodeId node, const WriteBatch& batch) {}
  /// The process of `node` starts, on what `disk` has kept.
  virtual void OnBoot(NodeId node, const Disk& disk) {}
  /// The process of `node` has died, and `batch`, for which no fsync had returned, is on its disk
  /// all the same; in the order in which they were written, before `OnCrash`.
  virtual void OnSurvived(NodeId node, const WriteBatch& batch) {}
  /// The process of `node` has died, and `disk` has lost what it loses.
  virtual void OnCrash(NodeId node, const Disk& disk) {}
  /// A client's operation begins at `node`.
  virtual void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                        std::string_view request) {}
  /// It ends. UNAVAILABLE: its node died, and the outcome is unknown.
  virtual void OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                        const absl::Status& status, std::string_view response) {}
};

}  // namespace quorum::sim
