#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "grader/check/invariant.h"

namespace quorum::grader {

/// After how many commands the rooms of the stories about bounds take a snapshot.
inline constexpr std::uint32_t kSnapshotEvery = 50;

/// Judges after each synced write how much a node keeps: entries and bytes on its disk; calls and
/// timers that it waits for, and the bytes of what it has asked in those calls. What else is in its
/// memory nobody sees from outside.
///
/// Bytes are those of keys and values, and of serialised requests. There is room for a thousand
/// commands and for four states, none of which is larger than all that clients have sent: many
/// times what a log needs that discards when it is told to.
class BoundedLog final : public Invariant {
 public:
  BoundedLog(sim::World& world, const Statement& statement, std::string_view entry_prefix)
      : Invariant(world, statement), prefix_(entry_prefix) {}

  void OnSend(const sim::Message& message, std::string_view path) override;
  void OnDurable(NodeId node, const WriteBatch& batch) override;
  void OnBoot(NodeId node, const sim::Disk& disk) override;
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;

 private:
  /// What is on a disk.
  struct Kept {
    std::map<std::string, std::size_t, std::less<>> bytes;  // by key, which counts too
    std::size_t all_bytes = 0;
    std::size_t entries = 0;
  };

  void Put(Kept& kept, const std::string& key, std::size_t value_bytes);
  void Delete(Kept& kept, std::string_view key);
  void JudgeDisk(NodeId node, const Kept& kept);
  void JudgeCalls(NodeId node);
  std::size_t Room(std::size_t around_a_command) const;

  std::string prefix_;
  std::map<NodeId, Kept> kept_;
  std::unordered_map<std::uint64_t, std::size_t> request_bytes_;  // by message
  std::size_t asked_bytes_ = 0;                                   // by all clients
  std::size_t longest_command_ = 0;
};

}  // namespace quorum::grader
