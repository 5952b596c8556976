#pragma once

#include <functional>

#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "labs/lab2_paxos/log_store.h"

namespace quorum::paxos {

/// Fetches decisions that this node misses from nodes that have them, a piece at a time; and
/// answers those who do the same.
class CatchUp {
 public:
  /// `progressed` is called when more is decided in `store` than before.
  CatchUp(Env& env, const NodeConfig& config, LogStore& store, std::function<void()> progressed);

  /// Everything up to `index` is decided, and `from` has it.
  void Want(LogIndex index, NodeId from);

  /// What this node can tell.
  FetchResponse Answer(const FetchRequest& request) const;

 private:
  void Fetch();
  void OnFetched(const FetchResponse& response);
  /// False: it is of no use.
  bool Receive(const SnapshotChunk& chunk);
  void AskAnother();

  Env& env_;
  const NodeConfig config_;
  LogStore& store_;
  std::function<void()> progressed_;
  LogIndex wanted_ = 0;
  NodeId from_ = 0;
  bool asking_ = false;
  Snapshot arriving_;  // as far as it is here
  Timer again_;
};

}  // namespace quorum::paxos
