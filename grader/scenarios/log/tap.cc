#include "grader/scenarios/log/tap.h"

namespace quorum::grader {

void Tap::OnApply(NodeId node, LogIndex index, std::string_view command, const std::string& value) {
  if (!Lives(node)) return;  // it died in the middle of a handler, which runs on without effect
  first_applied_at_.try_emplace(index, world_.now());
  if (MayTell(node)) return TellApplied(node, index, command, value);
  Hold(node, [this, node, index, command = std::string(command), value] {
    TellApplied(node, index, command, value);
  });
}

void Tap::OnRestore(NodeId node, LogIndex index, const std::string& value) {
  if (!Lives(node)) return;
  if (MayTell(node)) return TellRestored(node, index, value);
  Hold(node, [this, node, index, value] { TellRestored(node, index, value); });
}

void Tap::TellApplied(NodeId node, LogIndex index, std::string_view command,
                      const std::string& value) {
  applied_[node] = index;
  for (LogListener* listener : listeners_) listener->Applied(node, index, command, value);
}

void Tap::TellRestored(NodeId node, LogIndex index, const std::string& value) {
  applied_[node] = index;
  for (LogListener* listener : listeners_) listener->Restored(node, index, value);
}

void Tap::OnLeadership(NodeId node, std::uint64_t epoch) {
  if (!Lives(node)) return;
  if (epoch < epoch_) return;
  epoch_ = epoch;
  leader_ = node;
  ++leaderships_;
}

bool Tap::MayTell(NodeId node) {
  const sim::Machine& machine = world_.machine(node);
  return held_[node].empty() &&
         machine.process->last_synced_write() <= machine.disk.durable_write();
}

void Tap::Hold(NodeId node, std::function<void()> tell) {
  held_[node].push_back({world_.machine(node).process->last_synced_write(), std::move(tell)});
}

void Tap::Release(NodeId node) {
  const std::uint64_t durable = world_.machine(node).disk.durable_write();
  std::deque<Held>& held = held_[node];
  while (!held.empty() && held.front().until_write <= durable) {
    const Held first = std::move(held.front());
    held.pop_front();
    first.tell();
  }
}

}  // namespace quorum::grader
