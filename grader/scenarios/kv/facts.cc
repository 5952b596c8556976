#include "grader/scenarios/kv/facts.h"

#include <functional>

namespace quorum::grader::kv {

std::size_t Facts::DigestAt(LogIndex index) const {
  const auto found = steps_.find(index);
  return found == steps_.end() ? 0 : found->second.digest;
}

Model Facts::At(LogIndex index) const {
  Model model(max_sessions_);
  for (const auto& [at, step] : steps_) {
    if (at > index) break;
    model.Apply(at, step.command);
  }
  return model;
}

const Facts::Execution* Facts::ExecutionOf(const Number& number) const {
  const auto found = executions_.find(number);
  return found == executions_.end() ? nullptr : &found->second;
}

void Facts::Applied(NodeId node, LogIndex index, std::string_view command, const std::string&) {
  next_.try_emplace(at_[node], index, command);
  at_[node] = index;
  Learn();
}

void Facts::Restored(NodeId node, LogIndex index, const std::string&) {
  at_[node] = index;
  restored_[node] = index;
}

void Facts::Learn() {
  for (auto next = next_.find(last_); next != next_.end(); next = next_.find(last_)) {
    const auto& [index, bytes] = next->second;
    if (index <= last_) return;  // a log that goes back is not this room's affair
    Step step;
    step.command.ParseFromString(bytes);
    step.effect = now_.Apply(index, step.command);
    step.digest = std::hash<std::string>()(now_.Bytes());
    const WriteRequest& write = step.command.write();
    if (step.effect.executed && write.has_id()) {
      executions_.try_emplace(NumberOf(write.id()), index, step.effect.response);
    }
    last_ = index;
    steps_.emplace(index, std::move(step));
  }
}

}  // namespace quorum::grader::kv
