#include "grader/scenarios/raft/membership.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace quorum::grader::raft {
namespace {

std::size_t MajorityOf(const std::set<NodeId>& voters) { return voters.size() / 2 + 1; }

bool IsMajority(const std::set<NodeId>& voters, const std::set<NodeId>& nodes) {
  const auto agree = std::ranges::count_if(voters, [&](NodeId id) { return nodes.contains(id); });
  return static_cast<std::size_t>(agree) >= MajorityOf(voters);
}

LogIndex HeldByMajority(const std::set<NodeId>& voters,
                        const std::map<NodeId, LogIndex>& holdings) {
  std::vector<LogIndex> held;
  for (const NodeId voter : voters) {
    const auto found = holdings.find(voter);
    held.push_back(found == holdings.end() ? 0 : found->second);
  }
  const auto least = held.begin() + static_cast<std::ptrdiff_t>(MajorityOf(voters) - 1);
  std::nth_element(held.begin(), least, held.end(), std::greater<>());
  return *least;
}

}  // namespace

bool Membership::IsQuorum(const std::set<NodeId>& nodes) const {
  return IsMajority(voters, nodes) && (!joint() || IsMajority(new_voters, nodes));
}

LogIndex Membership::HeldByQuorum(const std::map<NodeId, LogIndex>& holdings) const {
  if (voters.empty()) return 0;  // nobody can hold anything
  const LogIndex held = HeldByMajority(voters, holdings);
  return joint() ? std::min(held, HeldByMajority(new_voters, holdings)) : held;
}

MembershipPtr UnderstandMembership(const quorum::raft::Configuration& configuration) {
  Membership membership;
  membership.voters.insert(configuration.voters().begin(), configuration.voters().end());
  membership.new_voters.insert(configuration.new_voters().begin(),
                               configuration.new_voters().end());
  membership.learners.insert(configuration.learners().begin(), configuration.learners().end());
  return std::make_shared<const Membership>(std::move(membership));
}

quorum::raft::Configuration MakeConfiguration(const Membership& membership) {
  quorum::raft::Configuration configuration;
  for (const NodeId node : membership.voters) configuration.add_voters(node);
  for (const NodeId node : membership.new_voters) configuration.add_new_voters(node);
  for (const NodeId node : membership.learners) configuration.add_learners(node);
  return configuration;
}

std::string NameMembers(const Membership& membership) {
  std::string text = fmt::format("{}", fmt::join(membership.voters, ", "));
  if (membership.joint()) text += fmt::format(" and {}", fmt::join(membership.new_voters, ", "));
  if (!membership.learners.empty()) {
    text += fmt::format(", learning: {}", fmt::join(membership.learners, ", "));
  }
  return text;
}

}  // namespace quorum::grader::raft
