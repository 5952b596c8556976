#include "grader/scenarios/lock_service/cell.h"

#include <algorithm>

namespace quorum::grader::locks {

void Cell::Applied(NodeId node, LogIndex index, std::string_view command,
                   const std::string& bytes) {
  if (index <= index_) return;
  State after;
  if (!after.ParseFromString(bytes)) return;  // another rule says so
  index_ = index;
  command_.Clear();
  command_.ParseFromArray(command.data(), static_cast<int>(command.size()));
  if (changed_at_ != world_.now()) {
    before_ = state_;
    changed_at_ = world_.now();
  }
  const State before = std::exchange(state_, std::move(after));
  for (CellListener* listener : listeners_) listener->Changed(before, state_);
}

const State& Cell::state_before_now() const {
  return changed_at_ == world_.now() ? before_ : state_;
}

const NodeRecord* FindNode(const State& state, const std::string& path) {
  const auto found = std::find_if(state.nodes().begin(), state.nodes().end(),
                                  [&](const NodeRecord& node) { return node.path() == path; });
  return found == state.nodes().end() ? nullptr : &*found;
}

const SessionRecord* FindSession(const State& state, std::uint64_t session) {
  const auto found =
      std::find_if(state.sessions().begin(), state.sessions().end(),
                   [&](const SessionRecord& record) { return record.id() == session; });
  return found == state.sessions().end() ? nullptr : &*found;
}

const quorum::lock_service::HandleRecord* FindHandle(const SessionRecord& session,
                                                     std::uint64_t handle) {
  const auto found = std::find_if(session.handles().begin(), session.handles().end(),
                                  [&](const auto& record) { return record.id() == handle; });
  return found == session.handles().end() ? nullptr : &*found;
}

bool Holds(const State& state, const quorum::lock_service::Sequencer& sequencer) {
  const NodeRecord* node = FindNode(state, sequencer.path());
  if (node == nullptr || node->stat().instance() != sequencer.instance()) return false;
  if (node->stat().lock_generation() != sequencer.generation()) return false;
  return std::any_of(node->holders().begin(), node->holders().end(), [&](const auto& holder) {
    return holder.handle() == sequencer.holder() && holder.mode() == sequencer.mode();
  });
}

std::vector<std::string> ChildrenOf(const State& state, const std::string& path) {
  std::vector<std::string> children;
  for (const NodeRecord& node : state.nodes()) {
    if (!node.path().starts_with(path + "/")) continue;
    std::string name = node.path().substr(path.size() + 1);
    if (name.find('/') == name.npos) children.push_back(std::move(name));
  }
  std::sort(children.begin(), children.end());
  return children;
}

}  // namespace quorum::grader::locks
