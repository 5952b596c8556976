#pragma once

#include <map>
#include <string>

#include "grader/check/invariant.h"
#include "grader/scenarios/hash_ring/cache_facts.h"
#include "labs/lab2_paxos/administrator.h"

namespace quorum::grader::paxos {

using hash_ring::Ring;

/// No epoch is two rings: neither asked for in the cache, nor on any of its disks.
class OneRingAnEpoch final : public Invariant {
 public:
  explicit OneRingAnEpoch(sim::World& world);
  void OnSend(const sim::Message& message, std::string_view path) override;
  void OnDurable(NodeId node, const WriteBatch& batch) override;

 private:
  void Judge(NodeId node, const Ring& ring);

  struct Seen {
    std::string ring;
    NodeId node = 0;
  };
  std::map<std::uint64_t, Seen> rings_;  // by epoch
};

/// What an operator is told of a ring is true.
class AnswersAreTrue final : public Invariant {
 public:
  AnswersAreTrue(sim::World& world, const cache::Facts& facts);
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;
  void OnDurable(NodeId node, const WriteBatch& batch) override;

 private:
  void JudgeInstalled(NodeId node, const Ring& ring);

  const cache::Facts& facts_;
  std::map<std::uint64_t, Ring> asked_;     // by operation
  std::map<std::string, NodeId> refused_;   // by whom
  std::map<std::string, NodeId> in_force_;  // on a disk, of whom
};

}  // namespace quorum::grader::paxos
