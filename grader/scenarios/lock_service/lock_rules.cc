#include "grader/scenarios/lock_service/lock_rules.h"

#include "grader/scenarios/lock_service/delay_rule.h"
#include "grader/scenarios/lock_service/event_rules.h"
#include "grader/scenarios/lock_service/state_faults.h"
#include "grader/scenarios/lock_service/state_rules.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/log/log_rules.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::locks {

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

void MutualExclusion::Changed(const State&, const State& after) {
  if (auto fault = HeldByTooMany(after)) Violated(*fault);
}

FencingTokensRise::FencingTokensRise(sim::World& world) : Invariant(world, kFencing) {}

void FencingTokensRise::Changed(const State& before, const State& after) {
  if (auto fault = GenerationNotRisen(before, after, highest_)) Violated(*fault);
}

DeadSessionsOwnNothing::DeadSessionsOwnNothing(sim::World& world) : Invariant(world, kDead) {}

void DeadSessionsOwnNothing::Changed(const State&, const State& after) {
  if (auto fault = OwnedByTheDead(after)) Violated(*fault);
}

}  // namespace quorum::grader::locks
