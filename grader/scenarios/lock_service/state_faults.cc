// What commands may make of the state of a cell, and what it has to be.
#include "grader/scenarios/lock_service/state_faults.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorum::grader::locks {
namespace {

using quorum::lock_service::Call;
using quorum::lock_service::Command;
using quorum::lock_service::Executed;
using quorum::lock_service::HandleRecord;
using quorum::lock_service::LockClaim;
using Fault = std::optional<std::string>;

// So many operations of a session may be under way.
constexpr std::uint64_t kWindow = 64;

bool SharesAHolder(const NodeRecord& one, const NodeRecord& other) {
  return std::any_of(one.holders().begin(), one.holders().end(), [&](const auto& holder) {
    return std::any_of(other.holders().begin(), other.holders().end(),
                       [&](const auto& same) { return same.handle() == holder.handle(); });
  });
}

bool IsOpenSomewhere(const State& state, std::uint64_t instance) {
  return std::any_of(state.sessions().begin(), state.sessions().end(), [&](const auto& session) {
    return std::any_of(session.handles().begin(), session.handles().end(),
                       [&](const auto& handle) { return handle.instance() == instance; });
  });
}

bool HasClaim(const google::protobuf::RepeatedPtrField<LockClaim>& claims, const LockClaim& claim) {
  return std::any_of(claims.begin(), claims.end(), [&](const LockClaim& other) {
    return other.handle() == claim.handle() && other.session() == claim.session();
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

Fault SessionFault(const SessionRecord& before, const Command& command,
                   const SessionRecord* after) {
  if (after == nullptr) {
    if (command.has_expire_session() && command.expire_session().session() == before.id()) {
      return std::nullopt;
    }
    if (command.has_end_session() && command.end_session().session() == before.id()) {
      return std::nullopt;
    }
    return fmt::format("Session {} is gone, and no command was to end it.", before.id());
  }
  for (const HandleRecord& handle : before.handles()) {
    const HandleRecord* now = FindHandle(*after, handle.id());
    if (now == nullptr && !Closes(command, before.id(), handle.id())) {
      return fmt::format(
          "Session {} lives, and has lost its handle {} of {}, which it has not "
          "closed.",
          before.id(), handle.id(), handle.path());
    }
    if (now != nullptr && now->SerializeAsString() != handle.SerializeAsString()) {
      return fmt::format(
          "The handle {} of session {} is no longer what was opened: it was {{{}}}, "
          "and is {{{}}}.",
          handle.id(), before.id(), handle.ShortDebugString(), now->ShortDebugString());
    }
  }
  return std::nullopt;
}

Fault HoldersFault(const NodeRecord& before, const Command& command, const NodeRecord* after,
                   const State& state) {
  for (const LockClaim& holder : before.holders()) {
    if (after != nullptr && HasClaim(after->holders(), holder)) continue;
    if (FindSession(state, holder.session()) == nullptr) continue;
    if (Closes(command, holder.session(), holder.handle())) continue;
    if (Releases(command, holder.session(), holder.handle())) continue;
    return fmt::format(
        "Session {} lives, and its handle {} has lost the lock of {} without "
        "releasing it.",
        holder.session(), holder.handle(), before.path());
  }
  return std::nullopt;
}

Fault QueueFault(const NodeRecord& before, const Command& command, const NodeRecord* after,
                 const State& state) {
  for (const LockClaim& claim : before.queue()) {
    if (after != nullptr && HasClaim(after->queue(), claim)) continue;
    if (after != nullptr && HasClaim(after->holders(), claim)) continue;
    if (FindSession(state, claim.session()) == nullptr) continue;
    if (Closes(command, claim.session(), claim.handle())) continue;
    if (GivesUp(command, claim)) continue;
    return fmt::format(
        "Session {} lives, and its handle {} waits no more for the lock of {}: it "
        "neither has it nor has given up.",
        claim.session(), claim.handle(), before.path());
  }
  return std::nullopt;
}

Fault RemovalFault(const NodeRecord& node, const Command& command, const State& after) {
  if (command.has_delete_node()) return std::nullopt;
  if (node.stat().ephemeral() && !IsOpenSomewhere(after, node.stat().instance())) {
    return std::nullopt;
  }
  return fmt::format(
      "{} is gone; nobody has deleted it, and {}.", node.path(),
      node.stat().ephemeral() ? "a session that lives has it open" : "it is not ephemeral");
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

Fault HeldByTooMany(const State& state) {
  for (const NodeRecord& node : state.nodes()) {
    if (node.holders().size() < 2) continue;
    for (const LockClaim& holder : node.holders()) {
      if (holder.mode() == quorum::lock_service::SHARED) continue;
      return fmt::format("{} handles hold {}, and handle {} of session {} does so exclusively.",
                         node.holders().size(), node.path(), holder.handle(), holder.session());
    }
  }
  return std::nullopt;
}

Fault GenerationNotRisen(const State& before, const State& after, std::uint64_t& highest) {
  for (const NodeRecord& node : after.nodes()) {
    if (node.holders().empty()) continue;
    const NodeRecord* was = FindNode(before, node.path());
    const std::uint64_t generation = node.stat().lock_generation();
    const bool goes_on = was != nullptr && was->stat().instance() == node.stat().instance() &&
                         SharesAHolder(*was, node);
    if (goes_on && generation != was->stat().lock_generation()) {
      return fmt::format(
          "The lock of {} went on to be held, and its generation went from {} to "
          "{}.",
          node.path(), was->stat().lock_generation(), generation);
    }
    if (!goes_on && generation <= highest) {
      return fmt::format(
          "The lock of {} was free and is held, with generation {}; there was a "
          "generation {} before.",
          node.path(), generation, highest);
    }
    highest = std::max(highest, generation);
  }
  return std::nullopt;
}

Fault OwnedByTheDead(const State& state) {
  for (const NodeRecord& node : state.nodes()) {
    for (const auto* claims : {&node.holders(), &node.queue()}) {
      for (const LockClaim& claim : *claims) {
        if (FindSession(state, claim.session()) != nullptr) continue;
        return fmt::format("Session {} has ended, and its handle {} still {} {}.", claim.session(),
                           claim.handle(), claims == &node.holders() ? "holds" : "waits for",
                           node.path());
      }
    }
    if (node.stat().ephemeral() && !IsOpenSomewhere(state, node.stat().instance())) {
      return fmt::format("The ephemeral node {} is still there, and nobody has it open.",
                         node.path());
    }
  }
  return std::nullopt;
}

Fault LostByTheLiving(const State& before, const Command& command, const State& after) {
  for (const SessionRecord& session : before.sessions()) {
    const SessionRecord* now = FindSession(after, session.id());
    if (Fault fault = SessionFault(session, command, now)) return fault;
  }
  for (const NodeRecord& node : before.nodes()) {
    const NodeRecord* now = FindNode(after, node.path());
    if (now != nullptr && now->stat().instance() != node.stat().instance()) now = nullptr;
    if (Fault fault = HoldersFault(node, command, now, after)) return fault;
    if (Fault fault = QueueFault(node, command, now, after)) return fault;
    if (now != nullptr) continue;
    if (Fault fault = RemovalFault(node, command, after)) return fault;
  }
  return std::nullopt;
}

Fault NotOnce(const State& before, const Command& command, const State& after,
              std::set<std::pair<std::uint64_t, std::uint64_t>>& executed) {
  const Call* call = CallOf(command);
  if (call == nullptr || command.epoch() != before.epoch()) return std::nullopt;
  const SessionRecord* was = FindSession(before, call->session());
  const SessionRecord* now = FindSession(after, call->session());
  if (was == nullptr || now == nullptr || was->client() != command.client()) return std::nullopt;
  const std::uint64_t below = std::max(was->answered_below(), call->answered_below());
  if (call->number() < below || call->number() >= below + kWindow) return std::nullopt;
  if (executed.emplace(call->session(), call->number()).second) return std::nullopt;
  if (WithoutMemory(before, call->session()) != WithoutMemory(after, call->session())) {
    return fmt::format(
        "Operation {} of session {} was executed before, and has changed the state "
        "again.",
        call->number(), call->session());
  }
  const Executed* first = FindExecuted(*was, call->number());
  const Executed* second = FindExecuted(*now, call->number());
  const bool same = first != nullptr && second != nullptr &&
                    first->SerializeAsString() == second->SerializeAsString();
  if (same) return std::nullopt;
  return fmt::format(
      "Operation {} of session {} was executed before, and its client may ask for "
      "it again; but its answer was {}.",
      call->number(), call->session(), first == nullptr ? "forgotten" : "replaced");
}

}  // namespace quorum::grader::locks
