#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {

/// The learner of one decision: keeps it, and sees to it that every other node learns it too.
class Learner {
 public:
  /// `learned` is called when the decision becomes known, at most once in the life of this object. It
  /// need not be for what an earlier boot has learned: nobody waits for that yet.
  Learner(Env& env, const NodeConfig& config, std::function<void(const std::string&)> learned);

  const std::optional<std::string>& decision() const { return decision_; }

  /// The decision is known here: from this node's proposer, or because another node tells. An error
  /// means that it is not on the disk, so whoever told has to tell again.
  absl::Status Learn(const std::string& value);
  /// `peer` knows the decision.
  void Knows(NodeId peer) { untold_.erase(peer); }

 private:
  void TellEveryone();
  void Tell(NodeId peer);

  Env& env_;
  const NodeConfig config_;
  std::function<void(const std::string&)> learned_;
  std::optional<std::string> decision_;
  std::map<NodeId, Timer> untold_;  // who may not know it yet, and when to tell them next
};

}  // namespace quorum::paxos
