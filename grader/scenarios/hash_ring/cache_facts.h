#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grader/scenarios/hash_ring/ring_model.h"
#include "grader/sim/monitor.h"
#include "grader/sim/world.h"
#include "labs/lab1_hash_ring/cache.h"

namespace quorum::grader::cache {

using hash_ring::Record;
using hash_ring::Ring;
using hash_ring::Version;

/// Before a key, it is where a node keeps what it has of it.
inline constexpr std::string_view kRecordPrefix = "record/";

inline bool Lists(const std::vector<NodeId>& replicas, NodeId node) {
  return std::find(replicas.begin(), replicas.end(), node) != replicas.end();
}

/// A version that can be compared: epoch and counter. {0, 0} stands for a key never written.
using Stamp = std::pair<std::uint64_t, std::uint64_t>;
inline Stamp StampOf(const Version& version) { return {version.epoch(), version.counter()}; }
std::string Text(const Stamp& stamp);

/// A call of one of the methods between nodes, as one sees it from outside.
struct Exchange {
  std::string path;
  NodeId from = 0;
  NodeId to = 0;
  std::uint64_t epoch = 0;  ///< that the request names
  std::string key;          ///< of Write, Read and Replicate
  hash_ring::WriteRequest write;
  hash_ring::CopyArcsRequest copy;
  Stamp carried;               ///< of the record in a Replicate
  std::uint64_t asked_at = 0;  ///< place of the request in the order of all that happens
  std::optional<std::uint64_t> epoch_on_arrival;  ///< in which the receiver was when it came first

  /// The method's name without its service.
  std::string method() const { return path.substr(path.rfind('/') + 1); }

  // The answer, once there is one.
  bool served = false;  ///< neither an error nor a refusal with newer rings
  Stamp version;        ///< written, read or held
  Record record;        ///< read
  hash_ring::CopyArcsResponse copied;
  std::uint64_t entered = 0;  ///< of EnterRing: the receiver's epoch
};

/// What there is to know about a cache in a simulated world, gathered from messages and disks. The
/// invariants and scenarios read it; it has no opinion.
class Facts final : public sim::Monitor {
 public:
  explicit Facts(const sim::World& world) : world_(world) {}

  /// A ring that an administrator is about to ask for, or that the cluster begins with.
  void AddRing(const Ring& ring);
  const std::map<std::uint64_t, Ring>& rings() const { return rings_; }
  bool WasOnARing(NodeId node) const;
  /// The node that the ring of an epoch gives the arc across position 0 to.
  NodeId OwnerAcrossZero(std::uint64_t epoch) const;
  /// The replicas of a key in the ring of an epoch, by the grader's own ring.
  std::vector<NodeId> Replicas(std::uint64_t epoch, const std::string& key) const;

  /// One node's disk, as far as it is durable.
  struct NodeFacts {
    std::map<std::string, Record> records;
    std::map<std::string, Stamp> newest;  ///< of each key, that was ever durable here
    hash_ring::RingHistory rings;         ///< empty: those of the configuration
    std::uint64_t highest_epoch = 1;      ///< that was ever durable here
    bool booted_empty = false;            ///< it had data once, and found none when it booted last
  };
  const NodeFacts& node(NodeId id) const;
  /// Whether what a node had on its disk is gone.
  bool HasLostItsData(NodeId id) const;
  /// The newest version of `key` that was ever durable at `node`.
  Stamp NewestEver(NodeId node, const std::string& key) const;
  /// The epoch that a node is in: as it will remember it after a crash, or as it believes now.
  std::uint64_t DurableEpoch(NodeId node) const;
  std::uint64_t HighestEpochEver(NodeId id) const { return node(id).highest_epoch; }
  std::uint64_t CurrentEpoch(NodeId node) const;

  /// A write that its primary has acknowledged in the epoch `epoch`.
  struct Acknowledged {
    Stamp version;
    std::uint64_t epoch = 0;
    std::uint64_t at = 0;
    bool deleted = false;
  };
  /// The newest version of `key` among those acknowledged before `at` in an epoch up to `epoch`.
  Acknowledged NewestAcknowledged(const std::string& key, std::uint64_t at,
                                  std::uint64_t epoch) const;
  /// The keys of which some write was acknowledged.
  std::vector<std::string> AcknowledgedKeys() const;

  /// The call that the response being sent answers; null when it is none of the above.
  const Exchange* answered() const { return answered_; }
  std::uint64_t now() const { return order_; }

  // sim::Monitor.
  void OnSend(const sim::Message& message, std::string_view path) override;
  void OnDeliver(const sim::Message& message, std::string_view path) override;
  void OnDurable(NodeId node, const WriteBatch& batch) override;
  void OnBoot(NodeId node, const sim::Disk& disk) override { Reread(node, disk); }
  void OnCrash(NodeId node, const sim::Disk& disk) override { Reread(node, disk); }

 private:
  void TakeRequest(const sim::Message& message, std::string_view path);
  void TakeResponse(const sim::Message& message, Exchange& exchange);
  void TakeChange(NodeFacts& node, const std::string& key, const std::string* value);
  void Reread(NodeId node, const sim::Disk& disk);

  const sim::World& world_;
  std::map<std::uint64_t, Ring> rings_;
  std::map<std::uint64_t, std::unique_ptr<RingModel>> models_;
  mutable std::map<std::pair<std::uint64_t, std::string>, std::vector<NodeId>> replicas_;
  std::map<NodeId, NodeFacts> nodes_;
  std::map<std::pair<NodeId, std::uint64_t>, Exchange> exchanges_;  // by caller and call
  std::map<std::string, std::vector<Acknowledged>> acknowledged_;
  const Exchange* answered_ = nullptr;
  std::uint64_t order_ = 0;
};

}  // namespace quorum::grader::cache
