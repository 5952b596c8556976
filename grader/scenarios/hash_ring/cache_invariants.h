#pragma once

#include <map>
#include <string>
#include <utility>

#include "grader/check/invariant.h"
#include "grader/scenarios/hash_ring/cache_facts.h"

/// The rules of parts 1C to 1E, each watched from outside. All of them read the same `Facts`, which
/// has to watch the world before they do.
namespace quorum::grader::cache {

class CacheInvariant : public Invariant {
 public:
  CacheInvariant(sim::World& world, const Facts& facts, const Statement& statement)
      : Invariant(world, statement), facts_(facts) {}

 protected:
  const Facts& facts() const { return facts_; }
  /// The call that the message being sent answers, if it is one of `path` and was served.
  const Exchange* Served(const char* path) const;

 private:
  const Facts& facts_;
};

/// What a primary acknowledges, or shows to a reader, all replicas of the key hold durably: that
/// version with that value, or a newer one. So they do what a user is told, whoever has told it.
class HeldByAll final : public CacheInvariant {
 public:
  HeldByAll(sim::World& world, const Facts& facts);
  void OnSend(const sim::Message& message, std::string_view path) override;
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  bool HeldInSomeRing(const std::string& key, const Stamp& version) const;
  /// Demands that nobody has another record under the version that a user is shown.
  void CompareWithDisks(NodeId node, const std::string& key, const Stamp& version,
                        const Record& shown);

  std::map<std::uint64_t, std::string> keys_;  // of operations under way
};

/// A read sees what was acknowledged before it.
class ReadsSeeAcknowledged final : public CacheInvariant {
 public:
  ReadsSeeAcknowledged(sim::World& world, const Facts& facts);
  void OnSend(const sim::Message& message, std::string_view path) override;
};

/// A version of a key names one record.
class OneRecordAVersion final : public CacheInvariant {
 public:
  OneRecordAVersion(sim::World& world, const Facts& facts);
  void OnDurable(NodeId node, const WriteBatch& batch) override;
  void OnCrash(NodeId node, const sim::Disk& disk) override;

 private:
  struct Seen {
    std::string what;
    NodeId where = 0;
  };
  void Compare(NodeId node, const std::string& key);

  std::map<std::pair<std::string, Stamp>, Seen> seen_;
};

/// On one disk, a record of a key is replaced by newer ones only.
class VersionsRise final : public CacheInvariant {
 public:
  VersionsRise(sim::World& world, const Facts& facts);
  void OnDurable(NodeId node, const WriteBatch& batch) override;
  void OnCrash(NodeId node, const sim::Disk& disk) override;

 private:
  void Compare(NodeId node, const std::string& key);

  std::map<std::pair<NodeId, std::string>, Stamp> held_;
};

/// Nothing is executed twice, and who asks twice gets one answer.
class ExecutedOnce final : public CacheInvariant {
 public:
  ExecutedOnce(sim::World& world, const Facts& facts);
  void OnSend(const sim::Message& message, std::string_view path) override;

 private:
  void JudgeAnswer(const Exchange& write);

  std::map<std::pair<std::string, std::string>, Stamp> answers_;  // by key and id
};

/// A node serves requests of the epoch that it is in, and of no other (1D).
class Fenced final : public CacheInvariant {
 public:
  Fenced(sim::World& world, const Facts& facts);
  void OnSend(const sim::Message& message, std::string_view path) override;
};

/// A node's epoch never falls, and it is on the disk before anybody hears of it (1D).
class EpochsRise final : public CacheInvariant {
 public:
  EpochsRise(sim::World& world, const Facts& facts);
  void OnSend(const sim::Message& message, std::string_view path) override;
  void OnDurable(NodeId node, const WriteBatch& batch) override { Compare(node); }
  void OnCrash(NodeId node, const sim::Disk& disk) override { Compare(node); }

 private:
  void Compare(NodeId node);

  std::map<NodeId, std::uint64_t> highest_;
};

/// What the administrator was told to be installed outlives the losses that keys outlive (1D).
class RingsOutliveLoss final : public CacheInvariant {
 public:
  RingsOutliveLoss(sim::World& world, const Facts& facts);
  void OnSend(const sim::Message& message, std::string_view path) override;
};

/// An old replica keeps its keys until all new ones hold them (1D).
class OldReplicasKeep final : public CacheInvariant {
 public:
  OldReplicasKeep(sim::World& world, const Facts& facts);
  void OnDurable(NodeId node, const WriteBatch& batch) override;

 private:
  void JudgeDeletion(NodeId node, const std::string& key);
  bool HandedOver(NodeId node, const std::string& key, const Stamp& version) const;
};

/// What is copied lacks nothing that was acknowledged (1D).
class CopiesLackNothing final : public CacheInvariant {
 public:
  CopiesLackNothing(sim::World& world, const Facts& facts);
  void OnSend(const sim::Message& message, std::string_view path) override;

 private:
  void JudgeKey(const Exchange& exchange, const std::string& key, std::uint64_t before);
};

/// A node that has lost its data serves nobody (1D).
class LostStaysOut final : public CacheInvariant {
 public:
  LostStaysOut(sim::World& world, const Facts& facts);
  void OnSend(const sim::Message& message, std::string_view path) override;
};

}  // namespace quorum::grader::cache
