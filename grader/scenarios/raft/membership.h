#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "labs/lab3_raft/raft.h"

namespace quorum::grader::raft {

/// Who takes part, as an entry of the log or a snapshot says (section 6).
struct Membership {
  std::set<NodeId> voters = {};
  std::set<NodeId> new_voters = {};  ///< if any, it is C_old,new
  std::set<NodeId> learners = {};
  bool operator==(const Membership&) const = default;

  bool joint() const { return !new_voters.empty(); }
  bool Votes(NodeId node) const { return voters.contains(node) || new_voters.contains(node); }
  bool Includes(NodeId node) const { return Votes(node) || learners.contains(node); }
  /// Whether these are a majority of the voters; while joint, also of the new ones.
  bool IsQuorum(const std::set<NodeId>& nodes) const;
  /// The highest index up to which a quorum holds the log.
  LogIndex HeldByQuorum(const std::map<NodeId, LogIndex>& holdings) const;
};
using MembershipPtr = std::shared_ptr<const Membership>;

MembershipPtr UnderstandMembership(const quorum::raft::Configuration& configuration);
quorum::raft::Configuration MakeConfiguration(const Membership& membership);
/// For a reader: "1, 2, 3", "1, 2, 3 and 1, 2, 4", "1, 2, 3, learning: 4".
std::string NameMembers(const Membership& membership);

}  // namespace quorum::grader::raft
