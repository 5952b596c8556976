// Rules about what a single command may do to the state of a cell.
#include "grader/scenarios/lock_service/state_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorum::grader::locks {
namespace {

using quorum::lock_service::Call;
using quorum::lock_service::Command;
using quorum::lock_service::Executed;
using quorum::lock_service::HandleRecord;
using quorum::lock_service::LockClaim;

constexpr Statement kLosesNothing = {"lock.live-sessions-lose-nothing",
                                     "A session that lives keeps its handles, its locks and its "
                                     "places in queues until it gives them "
                                     "up itself; what goes with its end goes in one command.",
                                     "Chubby, sections 2.3, 2.4 and 2.8; lab 4, parts 4B and 4C"};
constexpr Statement kNew = {
    "lock.numbers-are-new",
    "No session and no handle has a number that another one had before, and a node that is created "
    "has a larger instance than any before.",
    "Chubby, section 2.3; lock_service.proto"};

// So many operations of a session may be under way.
constexpr std::uint64_t kWindow = 64;

const HandleRecord* FindHandle(const SessionRecord& session, std::uint64_t handle) {
  const auto found =
      std::find_if(session.handles().begin(), session.handles().end(),
                   [&](const HandleRecord& record) { return record.id() == handle; });
  return found == session.handles().end() ? nullptr : &*found;
}

bool HasClaim(const google::protobuf::RepeatedPtrField<LockClaim>& claims, const LockClaim& claim) {
  return std::any_of(claims.begin(), claims.end(), [&](const LockClaim& other) {
    return other.handle() == claim.handle() && other.session() == claim.session();
  });
}

bool IsOpen(const State& state, std::uint64_t instance) {
  return std::any_of(state.sessions().begin(), state.sessions().end(), [&](const auto& session) {
    return std::any_of(session.handles().begin(), session.handles().end(),
                       [&](const auto& handle) { return handle.instance() == instance; });
  });
}

/// Whether this command is `session`'s own wish to close the handle, or to release what it holds.
bool Closes(const Command& command, std::uint64_t session, std::uint64_t handle) {
  return command.has_close() && command.close().call().session() == session &&
         command.close().handle() == handle;
}
bool Releases(const Command& command, std::uint64_t session, std::uint64_t handle) {
  return command.has_release() && command.release().call().session() == session &&
         command.release().handle() == handle;
}
bool GivesUp(const Command& command, const LockClaim& claim) {
  return command.has_give_up() && command.give_up().session() == claim.session() &&
         command.give_up().number() == claim.number();
}

/// The operation that a command is; null: it is none of a session's numbered ones.
const Call* CallOf(const Command& command) {
  if (command.has_open()) return &command.open().call();
  if (command.has_close()) return &command.close().call();
  if (command.has_set_contents()) return &command.set_contents().call();
  if (command.has_delete_node()) return &command.delete_node().call();
  if (command.has_acquire()) return &command.acquire().call();
  if (command.has_try_acquire()) return &command.try_acquire().call();
  if (command.has_release()) return &command.release().call();
  if (command.has_set_acl()) return &command.set_acl().call();
  return nullptr;
}

/// The state without what a session remembers of its operations.
std::string WithoutMemory(State state, std::uint64_t session) {
  for (SessionRecord& record : *state.mutable_sessions()) {
    if (record.id() != session) continue;
    record.clear_executed();
    record.clear_answered_below();
  }
  return state.SerializeAsString();
}

const Executed* FindExecuted(const SessionRecord& session, std::uint64_t number) {
  const auto found =
      std::find_if(session.executed().begin(), session.executed().end(),
                   [&](const Executed& executed) { return executed.number() == number; });
  return found == session.executed().end() ? nullptr : &*found;
}

}  // namespace

const Statement kOnce = {
    "lock.exactly-once",
    "An operation is executed once, and whoever asks for it again gets the answer that it had.",
    "lab 4, part 4A; lock_service.proto, Call"};

LiveSessionsLoseNothing::LiveSessionsLoseNothing(sim::World& world, const Cell& cell)
    : Invariant(world, kLosesNothing), cell_(cell) {}

void LiveSessionsLoseNothing::Changed(const State& before, const State& after) {
  for (const SessionRecord& session : before.sessions()) {
    JudgeSession(session, FindSession(after, session.id()));
  }
  for (const NodeRecord& node : before.nodes()) {
    const NodeRecord* now = FindNode(after, node.path());
    if (now != nullptr && now->stat().instance() != node.stat().instance()) now = nullptr;
    JudgeHolders(node, now, after);
    JudgeQueue(node, now, after);
    if (now == nullptr) JudgeRemoval(node, before, after);
  }
}

void LiveSessionsLoseNothing::JudgeSession(const SessionRecord& before,
                                           const SessionRecord* after) {
  const Command& command = cell_.command();
  if (after == nullptr) {
    if (command.has_expire_session() && command.expire_session().session() == before.id()) return;
    if (command.has_end_session() && command.end_session().session() == before.id()) return;
    return Violated(fmt::format("Session {} is gone, and no command was to end it.", before.id()));
  }
  for (const HandleRecord& handle : before.handles()) {
    const HandleRecord* now = FindHandle(*after, handle.id());
    if (now == nullptr && !Closes(command, before.id(), handle.id())) {
      return Violated(
          fmt::format("Session {} lives, and has lost its handle {} of {}, which it "
                      "has not closed.",
                      before.id(), handle.id(), handle.path()));
    }
    if (now != nullptr && now->SerializeAsString() != handle.SerializeAsString()) {
      return Violated(fmt::format(
          "The handle {} of session {} is no longer what was opened: it "
          "was {{{}}}, and is {{{}}}.",
          handle.id(), before.id(), handle.ShortDebugString(), now->ShortDebugString()));
    }
  }
}

void LiveSessionsLoseNothing::JudgeHolders(const NodeRecord& before, const NodeRecord* after,
                                           const State& state) {
  for (const LockClaim& holder : before.holders()) {
    if (after != nullptr && HasClaim(after->holders(), holder)) continue;
    if (FindSession(state, holder.session()) == nullptr) continue;
    if (Closes(cell_.command(), holder.session(), holder.handle())) continue;
    if (Releases(cell_.command(), holder.session(), holder.handle())) continue;
    return Violated(
        fmt::format("Session {} lives, and its handle {} has lost the lock of {} "
                    "without releasing it.",
                    holder.session(), holder.handle(), before.path()));
  }
}

void LiveSessionsLoseNothing::JudgeQueue(const NodeRecord& before, const NodeRecord* after,
                                         const State& state) {
  for (const LockClaim& claim : before.queue()) {
    if (after != nullptr && HasClaim(after->queue(), claim)) continue;
    if (after != nullptr && HasClaim(after->holders(), claim)) continue;
    if (FindSession(state, claim.session()) == nullptr) continue;
    if (Closes(cell_.command(), claim.session(), claim.handle())) continue;
    if (GivesUp(cell_.command(), claim)) continue;
    return Violated(
        fmt::format("Session {} lives, and its handle {} waits no more for the lock of "
                    "{}: it neither has it nor has given up.",
                    claim.session(), claim.handle(), before.path()));
  }
}

void LiveSessionsLoseNothing::JudgeRemoval(const NodeRecord& node, const State& before,
                                           const State& after) {
  if (cell_.command().has_delete_node()) return;
  if (node.stat().ephemeral() && !IsOpen(after, node.stat().instance())) return;
  Violated(fmt::format(
      "{} is gone; nobody has deleted it, and {}.", node.path(),
      node.stat().ephemeral() ? "a session that lives has it open" : "it is not ephemeral"));
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
  const Command& command = cell_.command();
  const Call* call = CallOf(command);
  if (call == nullptr || command.epoch() != before.epoch()) return;
  const SessionRecord* was = FindSession(before, call->session());
  const SessionRecord* now = FindSession(after, call->session());
  if (was == nullptr || now == nullptr || was->client() != command.client()) return;
  const std::uint64_t below = std::max(was->answered_below(), call->answered_below());
  if (call->number() < below || call->number() >= below + kWindow) return;
  if (executed_.emplace(call->session(), call->number()).second) return;
  if (WithoutMemory(before, call->session()) != WithoutMemory(after, call->session())) {
    return Violated(
        fmt::format("Operation {} of session {} was executed before, and has changed "
                    "the state again.",
                    call->number(), call->session()));
  }
  const Executed* first = FindExecuted(*was, call->number());
  const Executed* second = FindExecuted(*now, call->number());
  const bool same = first != nullptr && second != nullptr &&
                    first->SerializeAsString() == second->SerializeAsString();
  if (same) return;
  Violated(
      fmt::format("Operation {} of session {} was executed before, and its client may ask for "
                  "it again; but its answer was {}.",
                  call->number(), call->session(), first == nullptr ? "forgotten" : "replaced"));
}

}  // namespace quorum::grader::locks
