#pragma once

#include <map>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/env/node_config.pb.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::raft {

/// True: C_old,new (section 6).
inline bool IsJoint(const Configuration& configuration) {
  return configuration.new_voters_size() > 0;
}
/// Whether the server votes in C_old or in C_new.
bool IsVoter(const Configuration& configuration, NodeId server);
/// Whoever is sent the log, learners included, in ascending order.
std::vector<NodeId> MembersOf(const Configuration& configuration);

/// Whether those servers for which `agrees` holds are a quorum: a majority of the voters; while
/// joint, also a majority of the new ones. Elections, commits and reads all take one.
bool IsQuorum(const Configuration& configuration, absl::FunctionRef<bool(NodeId)> agrees);

/// The configurations in a log, each from its entry on, behind the one with which the log begins.
class Configurations {
 public:
  /// Before the log says anything: the cluster at its creation.
  explicit Configurations(const NodeConfig& config);

  /// The one in use: the last one in the log, committed or not.
  const Configuration& latest() const { return known_.rbegin()->second; }
  /// Where it is; 0, or the snapshot's index: no entry that is still there has brought it.
  LogIndex latest_index() const { return known_.rbegin()->first; }
  /// The last one up to `index`, which no snapshot has covered.
  const Configuration& At(LogIndex index) const {
    return std::prev(known_.upper_bound(index))->second;
  }
  /// Whether a configuration from that at `index` on has this server among its voters.
  bool VotesSince(LogIndex index, NodeId server) const;

  /// The log has been replaced by `entries` from `from` on.
  void Replace(LogIndex from, const std::vector<Entry>& entries);
  /// A snapshot stands for the log up to its index. `goes_on`: what is behind it has stayed.
  void KeepSnapshot(const Snapshot& snapshot, bool goes_on);

 private:
  Configuration first_;
  std::map<LogIndex, Configuration> known_;  // never empty
};

}  // namespace quorum::raft
