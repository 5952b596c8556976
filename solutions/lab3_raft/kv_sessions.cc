// Client sessions (Ongaro's thesis, section 6.3).
#include "labs/lab3_raft/kv_sessions.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::kv {

void Sessions::Open(LogIndex index) {
  // [solution: Open the session; the one used least recently expires if there are too many
  // (handout 3G, step 4).]
  open_[index].last_used = index;
  if (open_.size() <= most_) return;
  open_.erase(std::ranges::min_element(
      open_, {}, [](const auto& session) { return session.second.last_used; }));
  // [end]
}

std::optional<WriteResponse> Sessions::Find(const RequestId& id, LogIndex index) {
  // [solution: Steps 1 to 3 of what kv.proto says of a write (handout 3G, steps 2 to 4).]
  WriteResponse refusal;
  const auto found = open_.find(id.session());
  if (found == open_.end()) {
    refusal.set_outcome(EXPIRED);
    return refusal;
  }
  Memory& memory = found->second;
  memory.last_used = index;
  // An older request may come later, and knows less.
  memory.first_unanswered = std::max(memory.first_unanswered, id.first_unanswered());
  memory.answers.erase(memory.answers.begin(), memory.answers.lower_bound(memory.first_unanswered));
  if (id.sequence() < memory.first_unanswered) {
    refusal.set_outcome(FORGOTTEN);
    return refusal;
  }
  const auto answer = memory.answers.find(id.sequence());
  if (answer == memory.answers.end()) return std::nullopt;
  return answer->second;
  // [end]
}

void Sessions::Remember(const RequestId& id, const WriteResponse& response) {
  // [solution: Keep the answer itself: the write cannot be asked for it again (handout 3G, step
  // 2).]
  open_.at(id.session()).answers[id.sequence()] = response;
  // [end]
}

void Sessions::Save(Snapshot& snapshot) const {
  // [solution: Without the sessions, a snapshot is not the state (handout 3G, step 5).]
  for (const auto& [number, memory] : open_) {
    Session& session = *snapshot.add_sessions();
    session.set_session(number);
    session.set_last_used(memory.last_used);
    session.set_first_unanswered(memory.first_unanswered);
    for (const auto& [sequence, response] : memory.answers) {
      Answer& answer = *session.add_answers();
      answer.set_sequence(sequence);
      *answer.mutable_response() = response;
    }
  }
  // [end]
}

void Sessions::Load(const Snapshot& snapshot) {
  // [solution: Take over what `Save` has written (handout 3G, step 5).]
  open_.clear();
  for (const Session& session : snapshot.sessions()) {
    Memory& memory = open_[session.session()];
    memory.last_used = session.last_used();
    memory.first_unanswered = session.first_unanswered();
    for (const Answer& answer : session.answers()) {
      memory.answers[answer.sequence()] = answer.response();
    }
  }
  // [end]
}

}  // namespace quorum::kv
