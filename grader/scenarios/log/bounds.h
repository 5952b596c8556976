#pragma once

#include <map>
#include <string>
#include <unordered_map>

#include "grader/check/invariant.h"

namespace quorum::grader {

/// After how many commands the rooms of the stories about bounds take a snapshot.
inline constexpr std::uint32_t kSnapshotEvery = 50;

/// How a lab states the bounds: a rule for each, so that whoever breaks one is told which.
struct BoundStatements {
  Statement entries;   ///< on its disk
  Statement disk;      ///< bytes of all that is there
  Statement waiting;   ///< calls without an answer, and timers
  Statement requests;  ///< bytes of what it has asked in those calls
  Statement heap;      ///< bytes that its objects have on the heap
};

/// Judges after each synced write how much a node keeps: entries and bytes on its disk; calls and
/// timers that it waits for, and the bytes of what it has asked in those calls. What is on a node's
/// heap can only be weighed when it ends (`EndAndWeigh`).
///
/// Bytes are those of keys and values, of serialised requests, and of objects as the code asks for
/// them. There is room for a thousand commands and for four states, none of which is larger than
/// all that clients have sent: many times what a log needs that discards when it is told to.
class BoundedLog final : public Invariant {
 public:
  BoundedLog(sim::World& world, const BoundStatements& statements, std::string_view entry_prefix)
      : Invariant(world, statements.entries),
        world_(world),
        statements_(statements),
        prefix_(entry_prefix) {}

  /// Ends the process on every machine, and judges what each gives back.
  void EndAndWeigh();

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

  void Break(const Statement& statement, NodeId node, std::string detail);
  void Put(Kept& kept, const std::string& key, std::size_t value_bytes);
  void Delete(Kept& kept, std::string_view key);
  void JudgeDisk(NodeId node, const Kept& kept);
  void JudgeCalls(NodeId node);
  std::size_t Room(std::size_t around_a_command) const;

  sim::World& world_;
  const BoundStatements statements_;
  std::string prefix_;
  std::map<NodeId, Kept> kept_;
  std::unordered_map<std::uint64_t, std::size_t> request_bytes_;  // by message
  std::size_t asked_bytes_ = 0;                                   // by all clients
  std::size_t longest_command_ = 0;
};

}  // namespace quorum::grader
