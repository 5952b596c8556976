// Who takes part: "Cluster membership changes" (section 6).
#include "labs/lab3_raft/configuration.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::raft {
namespace {

using Servers = google::protobuf::RepeatedField<std::uint32_t>;

bool Contains(const Servers& servers, NodeId server) {
  return std::find(servers.begin(), servers.end(), server) != servers.end();
}

bool IsMajority(const Servers& servers, absl::FunctionRef<bool(NodeId)> agrees) {
  return 2 * std::count_if(servers.begin(), servers.end(), agrees) > servers.size();
}

}  // namespace

bool IsVoter(const Configuration& configuration, NodeId server) {
  return Contains(configuration.voters(), server) || Contains(configuration.new_voters(), server);
}

std::vector<NodeId> MembersOf(const Configuration& configuration) {
  std::vector<NodeId> members;
  for (const Servers* servers :
       {&configuration.voters(), &configuration.new_voters(), &configuration.learners()}) {
    members.insert(members.end(), servers->begin(), servers->end());
  }
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return members;
}

bool IsQuorum(const Configuration& configuration, absl::FunctionRef<bool(NodeId)> agrees) {
  if (!IsJoint(configuration)) return IsMajority(configuration.voters(), agrees);
  NotWritten(
      "Ask for both majorities while the configuration is joint (section 6; handout 3E, step 2).");
}

Configurations::Configurations(const NodeConfig& config) {
  *first_.mutable_voters() = config.peers();
  known_[0] = first_;
}

bool Configurations::VotesSince(LogIndex index, NodeId server) const {
  return std::any_of(std::prev(known_.upper_bound(index)), known_.end(),
                     [server](const auto& known) { return IsVoter(known.second, server); });
}

void Configurations::Replace(LogIndex from, const std::vector<Entry>& entries) {
  NotWritten("Forget the configurations from there on, and learn the new ones (section 6; handout "
             "3E, step 1).");
}

void Configurations::KeepSnapshot(const Snapshot& snapshot, bool goes_on) {
  NotWritten("Begin with the snapshot's configuration (section 7; handout 3E, step 6).");
}

}  // namespace quorum::raft
