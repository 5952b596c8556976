// Sessions in the state, and doing each of their operations once.
#include "labs/lab4_lock_service/sessions.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::lock_service {

const Session* Sessions::FindAttempt(const std::string& client, std::uint64_t attempt) const {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(), [&](const auto& entry) {
    return entry.second.client == client && entry.second.attempt == attempt;
  });
  return found == sessions_.end() ? nullptr : &found->second;
}

Session& Sessions::Create(std::uint64_t id, const std::string& client,
                          const CreateSessionCommand& command) {
  return sessions_[id] = {.id = id,
                          .client = client,
                          .attempt = command.attempt(),
                          .lease_ns = command.lease_ns()};
}

Session* Sessions::Find(std::uint64_t id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

const Session* Sessions::Find(std::uint64_t id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : &found->second;
}

std::optional<Result> Sessions::Recall(Session& session, const Call& call) {
  // [solution: Answer as before what was asked for before (the comment of Call; handout
  // 4A, step 4).]
  if (call.number() == 0 || call.answered_below() == 0) {
    return ResultOf(absl::InvalidArgumentError("Operations are numbered from 1 on."));
  }
  session.answered_below = std::max(session.answered_below, call.answered_below());
  session.executed.erase(session.executed.begin(),
                         session.executed.lower_bound(session.answered_below));
  if (call.number() < session.answered_below) {
    return ResultOf(absl::AbortedError("The client has said that it has the answer."));
  }
  const auto before = session.executed.find(call.number());
  if (before != session.executed.end()) return before->second;
  if (call.number() - session.answered_below >= kWindow) {
    return ResultOf(
        absl::ResourceExhaustedError("At most 64 operations of a session may be under way."));
  }
  return std::nullopt;
  // [end]
}

void Sessions::Save(Snapshot& snapshot) const {
  // [solution: Save every session, with the answers that its client may ask for again (handout 4A,
  // step 5).]
  for (const auto& [id, session] : sessions_) {
    SessionRecord& record = *snapshot.add_sessions();
    record.set_id(id);
    record.set_client(session.client);
    record.set_attempt(session.attempt);
    record.set_lease_ns(session.lease_ns);
    for (const auto& [handle, open] : session.handles) *record.add_handles() = open;
    record.set_answered_below(session.answered_below);
    for (const auto& [number, result] : session.executed) {
      Executed& executed = *record.add_executed();
      executed.set_number(number);
      *executed.mutable_result() = result;
    }
    for (const Event& event : session.events) *record.add_events() = event;
    record.set_last_event(session.last_event);
  }
  // [end]
}

void Sessions::Load(const Snapshot& snapshot) {
  // [solution: Take over the sessions of a snapshot, and forget all others (handout 4A, step 5).]
  sessions_.clear();
  for (const SessionRecord& record : snapshot.sessions()) {
    Session& session = sessions_[record.id()];
    session.id = record.id();
    session.client = record.client();
    session.attempt = record.attempt();
    session.lease_ns = record.lease_ns();
    for (const HandleRecord& handle : record.handles()) session.handles[handle.id()] = handle;
    session.answered_below = record.answered_below();
    for (const Executed& executed : record.executed()) {
      session.executed[executed.number()] = executed.result();
    }
    session.events.assign(record.events().begin(), record.events().end());
    session.last_event = record.last_event();
  }
  // [end]
}

Result ResultOf(const absl::Status& status) {
  Result result;
  result.set_code(static_cast<int>(status.code()));
  result.set_message(std::string(status.message()));
  return result;
}

absl::Status StatusOf(const Result& result) {
  return {static_cast<absl::StatusCode>(result.code()), result.message()};
}

}  // namespace quorum::lock_service
