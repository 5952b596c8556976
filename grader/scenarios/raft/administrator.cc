#include "grader/scenarios/raft/administrator.h"

#include <fmt/format.h>

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kChangedMeansCommitted = {
    "raft.changed-means-committed",
    "An administrator is told that a change is done only when the configuration is committed and "
    "in use alone.",
    "Raft, section 6; raft.proto, ChangeMembershipResponse; handout 3E, step 4"};
constexpr Statement kReasons = {"raft.refuses-with-reason",
                                "Whoever refuses a change says why, in a sentence.",
                                "raft.proto, ChangeMembershipResponse; handout 3E, step 3"};

}  // namespace

const Statement kChangeCompletes = {
    "raft.change-completes",
    "Once a majority of the old and one of the new servers can talk, a change of the configuration "
    "that is asked for again and again comes about.",
    "Raft, section 6; handout 3E, step 4"};

void Administrator::Ask(NodeId server, const Membership& wanted) {
  ChangeMembershipRequest request;
  for (const NodeId node : wanted.voters) request.add_voters(node);
  for (const NodeId node : wanted.learners) request.add_learners(node);
  waits_ = true;
  answer_.reset();
  room_.world().Invoke<ChangeMembershipRequest, ChangeMembershipResponse>(
      server, kChangeMembership, request,
      [this, server, wanted, number = ++asked_](const auto& response) {
        if (number != asked_) return;
        waits_ = false;
        if (!response.ok()) return;
        answer_ = *response;
        Judge(server, wanted);
      });
}

/// Called while the world runs: it fails the world, and does not throw.
void Administrator::Judge(NodeId server, const Membership& wanted) {
  const auto fail = [&](const Statement& statement, std::string detail) {
    room_.world().Fail({.name = statement.name,
                        .sentence = statement.sentence,
                        .source = statement.source,
                        .detail = std::move(detail),
                        .node = server});
  };
  if (answer_->outcome() == ChangeMembershipResponse::CHANGED) {
    const MembershipPtr used = room_.ledger().CommittedMembership();
    if (*used == wanted) return;
    fail(kChangedMeansCommitted,
         fmt::format("Server {} says that the configuration [{}] is in use; the last one that is "
                     "committed is [{}].",
                     server, NameMembers(wanted), NameMembers(*used)));
  } else if (answer_->outcome() == ChangeMembershipResponse::REFUSED && answer_->reason().empty()) {
    fail(kReasons, fmt::format("Server {} refuses the configuration [{}] and gives no reason.",
                               server, NameMembers(wanted)));
  }
}

void Administrator::AskNowAndThen(sim::SimTime until) {
  sim::World& world = room_.world();
  if (world.now() >= until) return;
  const auto any = static_cast<NodeId>(stage_.random().Between(1, room_.nodes_and_joiners()));
  const NodeId leader = room_.tap().leader();
  const bool at_leader = leader != 0 && stage_.random().Below(4) > 0;
  Ask(at_leader ? leader : any, DrawMembership(stage_, room_.nodes_and_joiners()));
  world.At(world.now() + stage_.random().Between(50, 400) * kMillisecond,
           [this, until] { AskNowAndThen(until); });
}

void Administrator::BringAbout(const Membership& wanted) {
  sim::World& world = room_.world();
  const sim::SimTime give_up = world.now() + 60 * kSecond;
  while (world.now() < give_up) {
    Ask(next_, wanted);
    // Who was cut off may keep its caller waiting.
    world.RunUntil([this] { return !waits_; }, 10 * kSecond);
    if (answer_ && answer_->outcome() == ChangeMembershipResponse::CHANGED) {
      return stage_.Step(fmt::format("The configuration is [{}] now.", NameMembers(wanted)));
    }
    const NodeId hint = answer_ ? answer_->leader_hint() : 0;
    const bool stays = answer_ && answer_->outcome() == ChangeMembershipResponse::REFUSED;
    // Servers that have left may send it to and fro between them.
    followed_hint_ = !followed_hint_ && hint != 0 && hint != next_;
    if (followed_hint_ && world.machines().contains(hint)) {
      next_ = hint;
    } else if (!stays) {
      next_ = next_ % static_cast<NodeId>(room_.nodes_and_joiners()) + 1;
    }
    world.RunFor(50 * kMillisecond);
  }
  stage_.Require(
      kChangeCompletes, false,
      fmt::format("For 60 simulated seconds an administrator asks for the configuration "
                  "[{}]; [{}] is committed. The last answer: {}.",
                  NameMembers(wanted), NameMembers(*room_.ledger().CommittedMembership()),
                  answer_ ? answer_->ShortDebugString() : "none"));
}

Membership DrawMembership(Stage& stage, int servers) {
  std::vector<NodeId> order;
  for (int server = 1; server <= servers; ++server) order.push_back(static_cast<NodeId>(server));
  for (std::size_t left = order.size(); left > 1; --left) {
    std::swap(order[left - 1], order[stage.random().Below(left)]);
  }
  const auto voters = static_cast<std::size_t>(stage.random().Between(1, 5));
  const bool learner = voters < order.size() && stage.random().Below(3) == 0;
  Membership membership;
  membership.voters.insert(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(voters));
  if (learner) membership.learners.insert(order[voters]);
  return membership;
}

Membership Voters(NodeId first, NodeId last) {
  Membership membership;
  for (NodeId node = first; node <= last; ++node) membership.voters.insert(node);
  return membership;
}

}  // namespace quorum::grader::raft
