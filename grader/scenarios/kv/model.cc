#include "grader/scenarios/kv/model.h"

#include <algorithm>

namespace quorum::grader::kv {

using quorum::kv::Answer;
using quorum::kv::Session;

Effect Model::Apply(LogIndex index, const Command& command) {
  Effect effect;
  if (!command.has_write()) {
    Open(index);
    return effect;
  }
  const RequestId& id = command.write().id();
  if (!command.write().has_id()) {
    effect.executed = true;
    effect.response = Execute(command.write());
    return effect;
  }
  if (!sessions_.contains(id.session())) {
    effect.response.set_outcome(quorum::kv::EXPIRED);
    return effect;
  }
  Session& session = sessions_.at(id.session());
  session.set_last_used(index);
  session.set_first_unanswered(std::max(session.first_unanswered(), id.first_unanswered()));
  auto& answers = *session.mutable_answers();
  const auto needed = std::ranges::find_if(answers, [&](const Answer& answer) {
    return answer.sequence() >= session.first_unanswered();
  });
  answers.erase(answers.begin(), needed);
  if (id.sequence() < session.first_unanswered()) {
    effect.response.set_outcome(quorum::kv::FORGOTTEN);
    return effect;
  }
  for (const Answer& answer : answers) {
    if (answer.sequence() == id.sequence()) return {answer.response(), false, true};
  }
  effect.executed = true;
  effect.response = Execute(command.write());
  Answer& answer = *answers.Add();
  answer.set_sequence(id.sequence());
  *answer.mutable_response() = effect.response;
  std::ranges::sort(answers, {}, &Answer::sequence);
  return effect;
}

void Model::Open(LogIndex index) {
  Session session;
  session.set_session(index);
  session.set_last_used(index);
  session.set_first_unanswered(1);
  sessions_[index] = session;
  if (sessions_.size() <= max_sessions_) return;
  auto idlest = sessions_.begin();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it) {
    if (it->second.last_used() < idlest->second.last_used()) idlest = it;
  }
  sessions_.erase(idlest);
}

WriteResponse Model::Execute(const WriteRequest& write) {
  WriteResponse response;
  response.set_outcome(quorum::kv::EXECUTED);
  const auto found = values_.find(write.key());
  const bool absent = found == values_.end();
  bool done = true;
  switch (write.kind_case()) {
    case WriteRequest::kPut:
      values_[write.key()] = write.put();
      break;
    case WriteRequest::kAppend:
      values_[write.key()] += write.append();
      break;
    case WriteRequest::kDelete:
      done = !absent;
      values_.erase(write.key());
      break;
    case WriteRequest::kCas: {
      const auto& cas = write.cas();
      done = cas.has_expected() ? !absent && found->second == cas.expected() : absent;
      if (done) values_[write.key()] = cas.value();
      break;
    }
    case WriteRequest::KIND_NOT_SET:
      break;
  }
  response.set_done(done);
  const auto now = values_.find(write.key());
  response.set_size(now == values_.end() ? 0 : now->second.size());
  return response;
}

std::string Model::Bytes() const {
  quorum::kv::Snapshot snapshot;
  for (const auto& [key, value] : values_) {
    auto& pair = *snapshot.add_pairs();
    pair.set_key(key);
    pair.set_value(value);
  }
  for (const auto& [number, session] : sessions_) *snapshot.add_sessions() = session;
  return snapshot.SerializeAsString();
}

}  // namespace quorum::grader::kv
