#include "grader/scenarios/log/bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace quorum::grader {
namespace {

constexpr std::size_t kMostEntries = 20 * kSnapshotEvery;
constexpr std::size_t kMostPending = 2'000;
constexpr std::size_t kStates = 4;
constexpr std::size_t kCommands = 1'000;
// Its key, slot, ballot and the like.
constexpr std::size_t kAroundACommandOnDisk = 100;
constexpr std::size_t kAroundACommandInAMessage = 50;
// The objects that hold it: nodes of containers, strings, messages within messages.
constexpr std::size_t kAroundACommandOnTheHeap = 200;

}  // namespace

void BoundedLog::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                          std::string_view request) {
  asked_bytes_ += request.size();
  longest_command_ = std::max(longest_command_, request.size());
}

void BoundedLog::OnSend(const sim::Message& message, std::string_view path) {
  if (!message.is_response) request_bytes_[message.id] = message.payload.size();
}

void BoundedLog::OnBoot(NodeId node, const sim::Disk& disk) {
  Kept& kept = kept_[node] = Kept();
  for (const auto& [key, value] : disk.durable()) Put(kept, key, value.size());
}

void BoundedLog::OnDurable(NodeId node, const WriteBatch& batch) {
  Kept& kept = kept_[node];
  for (const WriteBatch::Change& change : batch.changes()) {
    change.value ? Put(kept, change.key, change.value->size()) : Delete(kept, change.key);
  }
  JudgeDisk(node, kept);
  JudgeCalls(node);
}

void BoundedLog::Put(Kept& kept, const std::string& key, std::size_t value_bytes) {
  Delete(kept, key);
  kept.bytes[key] = key.size() + value_bytes;
  kept.all_bytes += key.size() + value_bytes;
  if (key.starts_with(prefix_)) ++kept.entries;
}

void BoundedLog::Delete(Kept& kept, std::string_view key) {
  const auto found = kept.bytes.find(key);
  if (found == kept.bytes.end()) return;
  kept.all_bytes -= found->second;
  kept.bytes.erase(found);
  if (key.starts_with(prefix_)) --kept.entries;
}

std::size_t BoundedLog::Room(std::size_t around_a_command) const {
  return kStates * asked_bytes_ + kCommands * (longest_command_ + around_a_command);
}

void BoundedLog::Break(const Statement& statement, NodeId node, std::string detail) {
  world_.Fail({.kind = sim::Failure::Kind::kInvariant,
               .name = statement.name,
               .sentence = statement.sentence,
               .source = statement.source,
               .detail = std::move(detail),
               .node = node});
}

void BoundedLog::JudgeDisk(NodeId node, const Kept& kept) {
  if (kept.entries > kMostEntries) {
    return Break(statements_.entries, node,
                 fmt::format("Node {} has {} entries on its disk, and is handed a snapshot every "
                             "{} commands.",
                             node, kept.entries, kSnapshotEvery));
  }
  if (kept.all_bytes > Room(kAroundACommandOnDisk)) {
    Break(statements_.disk, node,
          fmt::format("Node {} has {} bytes on its disk, under {} keys; all that clients have sent "
                      "so far are {} bytes.",
                      node, kept.all_bytes, kept.bytes.size(), asked_bytes_));
  }
}

void BoundedLog::JudgeCalls(NodeId node) {
  sim::Machine& machine = *world_.machines().at(node);
  if (machine.calls.used() > kMostPending || machine.timers.used() > kMostPending) {
    return Break(statements_.waiting, node,
                 fmt::format("Node {} waits for {} answers and has {} timers set.", node,
                             machine.calls.used(), machine.timers.used()));
  }
  std::size_t bytes = 0;
  machine.calls.ForEach([&](std::uint64_t, const sim::PendingCall& call) {
    const auto sent = request_bytes_.find(call.message);
    if (sent != request_bytes_.end()) bytes += sent->second;
  });
  if (bytes > Room(kAroundACommandInAMessage)) {
    Break(statements_.requests, node,
          fmt::format("Node {} waits for {} answers to requests of {} bytes together; all that "
                      "clients have sent so far are {} bytes.",
                      node, machine.calls.used(), bytes, asked_bytes_));
  }
}

void BoundedLog::EndAndWeigh() {
  for (const auto& [node, machine] : world_.machines()) {
    world_.Crash(node, true);
    if (machine->heap_at_end <= Room(kAroundACommandOnTheHeap)) continue;
    return Break(statements_.heap, node,
                 fmt::format("Node {} gives back {} bytes of memory when it ends; all that clients "
                             "have sent so far are {} bytes.",
                             node, machine->heap_at_end, asked_bytes_));
  }
}

}  // namespace quorum::grader
