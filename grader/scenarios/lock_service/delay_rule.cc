// The rule about lock-delays: who gets the lock of a session that died, and when.
#include "grader/scenarios/lock_service/delay_rule.h"

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::locks {
namespace {

using quorum::lock_service::Command;
using Claims = google::protobuf::RepeatedPtrField<quorum::lock_service::LockClaim>;

bool IsAmong(const Claims& claims, std::uint64_t handle) {
  return std::any_of(claims.begin(), claims.end(),
                     [&](const auto& claim) { return claim.handle() == handle; });
}

/// Whether the handle holds a lock, or waits for one.
bool IsClaiming(const State& state, std::uint64_t handle) {
  return std::any_of(state.nodes().begin(), state.nodes().end(), [&](const NodeRecord& node) {
    return IsAmong(node.holders(), handle) || IsAmong(node.queue(), handle);
  });
}

}  // namespace

LockDelaysHold::LockDelaysHold(sim::World& world, Stage& stage, const Tap& tap, const Cell& cell)
    : Invariant(world, kDelay), stage_(stage), tap_(tap), cell_(cell) {}

void LockDelaysHold::Changed(const State& before, const State& after) {
  NoteWish(before, after);
  const sim::SimTime now = tap_.first_applied_at(cell_.index());
  BeginDelays(before, now);
  JudgeGrants(before, after, now);
}

// What counts is what was asked for, not what the state says of it.
void LockDelaysHold::NoteWish(const State& before, const State& after) {
  const Command& command = cell_.command();
  if (command.has_acquire()) {
    NoteWish(command.acquire().handle(), command.acquire().lock_delay_ns(), before, after);
  } else if (command.has_try_acquire()) {
    NoteWish(command.try_acquire().handle(), command.try_acquire().lock_delay_ns(), before, after);
  }
}

void LockDelaysHold::NoteWish(std::uint64_t handle, std::int64_t delay, const State& before,
                              const State& after) {
  if (IsClaiming(after, handle) && !IsClaiming(before, handle)) wishes_[handle] = delay;
}

void LockDelaysHold::BeginDelays(const State& before, sim::SimTime now) {
  if (!cell_.command().has_expire_session()) return;
  const std::uint64_t session = cell_.command().expire_session().session();
  if (FindSession(cell_.state(), session) != nullptr) return;
  for (const NodeRecord& node : before.nodes()) {
    for (const auto& holder : node.holders()) {
      if (holder.session() != session) continue;
      const sim::SimTime until = now + wishes_[holder.handle()];
      if (until > std::max(now, delays_[node.path()].until)) {
        delays_[node.path()] = {session, now, until};
      }
    }
  }
}

void LockDelaysHold::JudgeGrants(const State& before, const State& after, sim::SimTime now) {
  for (const auto& [path, delay] : delays_) {
    const NodeRecord* node = FindNode(after, path);
    if (node == nullptr || now >= delay.until) continue;
    if (!node->queue().empty()) stage_.Observe(kDelayed);
    const NodeRecord* was = FindNode(before, path);
    for (const auto& holder : node->holders()) {
      if (was != nullptr && IsAmong(was->holders(), holder.handle())) continue;
      return Violated(
          fmt::format("Session {} died with the lock of {}, and a lock-delay of {} ms; {} ms later "
                      "handle {} of session {} has the lock.",
                      delay.session, path, (delay.until - delay.from) / kMillisecond,
                      (now - delay.from) / kMillisecond, holder.handle(), holder.session()));
    }
  }
}

}  // namespace quorum::grader::locks
