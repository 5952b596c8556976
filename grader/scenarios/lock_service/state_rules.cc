// Rules about what a single command may do to the state of a cell.
#include "grader/scenarios/lock_service/state_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/lock_service/state_faults.h"

namespace quorum::grader::locks {
namespace {

using quorum::lock_service::HandleRecord;

constexpr Statement kNew = {
    "lock.numbers-are-new",
    "No session and no handle has a number that another one had before, and a node that is created "
    "has a larger instance than any before.",
    "Chubby, section 2.3; lock_service.proto"};

}  // namespace

LiveSessionsLoseNothing::LiveSessionsLoseNothing(sim::World& world, const Cell& cell)
    : Invariant(world, kLosesNothing), cell_(cell) {}

void LiveSessionsLoseNothing::Changed(const State& before, const State& after) {
  if (auto fault = LostByTheLiving(before, cell_.command(), after)) Violated(*fault);
}

NumbersAreNew::NumbersAreNew(sim::World& world) : Invariant(world, kNew) {}

void NumbersAreNew::Changed(const State& before, const State& after) {
  for (const SessionRecord& session : after.sessions()) {
    const SessionRecord* was = FindSession(before, session.id());
    if (was == nullptr && !sessions_.insert(session.id()).second) {
      return Violated(fmt::format("There is a new session {}; there was one before that has ended.",
                                  session.id()));
    }
    for (const HandleRecord& handle : session.handles()) {
      if (was != nullptr && FindHandle(*was, handle.id()) != nullptr) continue;
      if (handles_.insert(handle.id()).second) continue;
      return Violated(fmt::format("Session {} has a new handle {}; there was one before.",
                                  session.id(), handle.id()));
    }
  }
  std::uint64_t highest = instance_;
  for (const NodeRecord& node : after.nodes()) {
    const NodeRecord* was = FindNode(before, node.path());
    const std::uint64_t instance = node.stat().instance();
    if (was != nullptr && was->stat().instance() == instance) continue;
    if (instance <= instance_ && instance != 0) {
      return Violated(
          fmt::format("{} was created with instance {}; there was an instance {} "
                      "before.",
                      node.path(), instance, instance_));
    }
    highest = std::max(highest, instance);
  }
  instance_ = highest;
}

ExactlyOnce::ExactlyOnce(sim::World& world, const Cell& cell)
    : Invariant(world, kOnce), cell_(cell) {}

void ExactlyOnce::Changed(const State& before, const State& after) {
  if (auto fault = NotOnce(before, cell_.command(), after, executed_)) Violated(*fault);
}

}  // namespace quorum::grader::locks
