#include "grader/scenarios/lock_service/lock_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/lock_service/delay_rule.h"
#include "grader/scenarios/lock_service/event_rules.h"
#include "grader/scenarios/lock_service/state_rules.h"
#include "grader/scenarios/log/log_rules.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::locks {
namespace {

constexpr Statement kMutualExclusion = {
    "lock.mutual-exclusion",
    "A lock is held by one handle in exclusive mode, or by any number in shared mode.",
    "Chubby, section 2.4"};
constexpr Statement kFencing = {
    "lock.generations-rise",
    "A lock that passes from free to held gets a generation that is larger than any before, and "
    "keeps it as long as somebody holds it.",
    "Chubby, section 2.4; lab 4, part 4C"};
constexpr Statement kDead = {
    "lock.dead-sessions-own-nothing",
    "A session that has ended holds and awaits no lock, and no ephemeral node outlives the last "
    "session that has it open.",
    "Chubby, sections 2.3 and 2.8; lab 4, part 4B"};
constexpr Statement kSameState = {
    "lock.same-state", "Servers that have applied the same commands are in the same state.",
    "Schneider, Implementing fault-tolerant services, 1990; lab 4, part 4A"};

bool SharesAHolder(const NodeRecord& one, const NodeRecord& other) {
  return std::any_of(one.holders().begin(), one.holders().end(), [&](const auto& holder) {
    return std::any_of(other.holders().begin(), other.holders().end(),
                       [&](const auto& same) { return same.handle() == holder.handle(); });
  });
}

bool IsOpen(const State& state, std::uint64_t instance) {
  for (const SessionRecord& session : state.sessions()) {
    for (const auto& handle : session.handles()) {
      if (handle.instance() == instance) return true;
    }
  }
  return false;
}

}  // namespace

void WatchRules(Stage& stage, Tap& tap, Cell& cell, bool guarantee) {
  tap.Add(cell);
  tap.Add(stage.Watch<SameState>(kSameState));
  cell.Add(stage.Watch<MutualExclusion>());
  cell.Add(stage.Watch<FencingTokensRise>());
  cell.Add(stage.Watch<DeadSessionsOwnNothing>());
  cell.Add(stage.Watch<LiveSessionsLoseNothing>(cell));
  cell.Add(stage.Watch<NumbersAreNew>());
  cell.Add(stage.Watch<ExactlyOnce>(cell));
  cell.Add(stage.Watch<ChangesArePublished>());
  cell.Add(stage.Watch<EventsFollow>());
  if (!guarantee) return;
  stage.Watch<Guarantee>(stage, cell);
  cell.Add(stage.Watch<LockDelaysHold>(stage, tap, cell));
}

MutualExclusion::MutualExclusion(sim::World& world) : Invariant(world, kMutualExclusion) {}

void MutualExclusion::Changed(const State& before, const State& after) {
  for (const NodeRecord& node : after.nodes()) {
    if (node.holders().size() < 2) continue;
    for (const auto& holder : node.holders()) {
      if (holder.mode() == quorum::lock_service::SHARED) continue;
      return Violated(
          fmt::format("{} handles hold {}, and handle {} of session {} does so "
                      "exclusively.",
                      node.holders().size(), node.path(), holder.handle(), holder.session()));
    }
  }
}

FencingTokensRise::FencingTokensRise(sim::World& world) : Invariant(world, kFencing) {}

void FencingTokensRise::Changed(const State& before, const State& after) {
  for (const NodeRecord& node : after.nodes()) {
    if (node.holders().empty()) continue;
    const NodeRecord* was = FindNode(before, node.path());
    const std::uint64_t generation = node.stat().lock_generation();
    const bool goes_on = was != nullptr && was->stat().instance() == node.stat().instance() &&
                         SharesAHolder(*was, node);
    if (goes_on && generation != was->stat().lock_generation()) {
      return Violated(
          fmt::format("The lock of {} went on to be held, and its generation went from "
                      "{} to {}.",
                      node.path(), was->stat().lock_generation(), generation));
    }
    if (!goes_on && generation <= highest_) {
      return Violated(
          fmt::format("The lock of {} was free and is held, with generation {}; there "
                      "was a generation {} before.",
                      node.path(), generation, highest_));
    }
    highest_ = std::max(highest_, generation);
  }
}

DeadSessionsOwnNothing::DeadSessionsOwnNothing(sim::World& world) : Invariant(world, kDead) {}

void DeadSessionsOwnNothing::Changed(const State& before, const State& after) {
  for (const NodeRecord& node : after.nodes()) {
    for (const auto* claims : {&node.holders(), &node.queue()}) {
      for (const auto& claim : *claims) {
        if (FindSession(after, claim.session()) != nullptr) continue;
        return Violated(fmt::format(
            "Session {} has ended, and its handle {} still {} {}.", claim.session(), claim.handle(),
            claims == &node.holders() ? "holds" : "waits for", node.path()));
      }
    }
    if (node.stat().ephemeral() && !IsOpen(after, node.stat().instance())) {
      return Violated(fmt::format("The ephemeral node {} is still there, and nobody has it open.",
                                  node.path()));
    }
  }
}

}  // namespace quorum::grader::locks
