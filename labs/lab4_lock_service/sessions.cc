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
  NotWritten(
      "Answer as before what was asked for before (the comment of Call; handout 4A, step 4).");
}

void Sessions::Save(Snapshot& snapshot) const {
  NotWritten("Save every session, with the answers that its client may ask for again (handout 4A, "
             "step 5).");
}

void Sessions::Load(const Snapshot& snapshot) {
  NotWritten("Take over the sessions of a snapshot, and forget all others (handout 4A, step 5).");
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
