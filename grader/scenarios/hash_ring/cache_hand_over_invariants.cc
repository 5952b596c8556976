#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/hash_ring/cache_invariants.h"
#include "grader/scenarios/hash_ring/cache_statements.h"

namespace quorum::grader::cache {
namespace {

constexpr std::string_view kRecordPrefix = "record/";

bool Lists(const std::vector<NodeId>& replicas, NodeId node) {
  return std::find(replicas.begin(), replicas.end(), node) != replicas.end();
}

}  // namespace

OldReplicasKeep::OldReplicasKeep(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kOldReplicasKeep) {}

void OldReplicasKeep::OnDurable(NodeId node, const WriteBatch& batch) {
  for (const WriteBatch::Change& change : batch.changes()) {
    if (change.value || !change.key.starts_with(kRecordPrefix)) continue;
    const std::string key = change.key.substr(kRecordPrefix.size());
    if (!facts().node(node).records.contains(key)) JudgeDeletion(node, key);
  }
}

void OldReplicasKeep::JudgeDeletion(NodeId node, const std::string& key) {
  const Stamp had = facts().NewestEver(node, key);
  const auto newest = facts().NewestAcknowledged(key, facts().now() + 1, UINT64_MAX);
  // Of what it had, only acknowledged writes must outlive it.
  Stamp owed = std::min(had, newest.version);
  if (owed == Stamp() || HandedOver(node, key, owed)) return;
  Violated(
      fmt::format("Node {}, in epoch {}, deletes its record of the key \"{}\", {}. No newer ring "
                  "without it has all its replicas of that key hold as much.",
                  node, facts().DurableEpoch(node), key, Text(had)),
      node);
}

bool OldReplicasKeep::HandedOver(NodeId node, const std::string& key, const Stamp& version) const {
  const std::uint64_t epoch = facts().DurableEpoch(node);
  // From the newest ring of which the node knows back to the last one that lists it for the key.
  for (auto ring = facts().rings().rbegin(); ring != facts().rings().rend(); ++ring) {
    if (ring->first > epoch) continue;
    const std::vector<NodeId> replicas = facts().Replicas(ring->first, key);
    if (Lists(replicas, node)) return false;
    if (std::all_of(replicas.begin(), replicas.end(),
                    [&](NodeId replica) { return facts().NewestEver(replica, key) >= version; })) {
      return true;
    }
  }
  return false;
}

CopiesLackNothing::CopiesLackNothing(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kCopiesLackNothing) {}

void CopiesLackNothing::OnSend(const sim::Message& message, std::string_view) {
  const Exchange* exchange = Served(hash_ring::kCopyArcs.path);
  if (exchange == nullptr) return;
  const auto into = facts().rings().find(exchange->copy.into());
  if (into == facts().rings().end()) return;
  const std::uint64_t before = into->second.previous_epoch();
  const auto& only = exchange->copy.keys();
  const auto& records = exchange->copied.records();
  const bool more = exchange->copied.more() && !records.empty();
  for (const std::string& key : facts().AcknowledgedKeys()) {
    if (!only.empty() && std::find(only.begin(), only.end(), key) == only.end()) continue;
    if (only.empty() && key <= exchange->copy.after_key()) continue;
    if (only.empty() && more && key > records.rbegin()->key()) continue;
    if (!Lists(facts().Replicas(before, key), message.from)) continue;
    if (!Lists(facts().Replicas(into->first, key), message.to)) continue;
    JudgeKey(*exchange, key, before);
  }
}

void CopiesLackNothing::JudgeKey(const Exchange& exchange, const std::string& key,
                                 std::uint64_t before) {
  const auto newest = facts().NewestAcknowledged(key, facts().now(), before);
  Stamp given;
  for (const Record& record : exchange.copied.records()) {
    if (record.key() == key) given = StampOf(record.version());
  }
  if (given >= newest.version) return;
  Violated(
      fmt::format("Node {} lets node {} copy what the ring of epoch {} gives to it. Of the key "
                  "\"{}\" it hands over {}; {} has been acknowledged in epoch {}, and its own "
                  "disk has {}.",
                  exchange.to, exchange.from, exchange.copy.into(), key, Text(given),
                  Text(newest.version), newest.epoch, Text(facts().NewestEver(exchange.to, key))),
      exchange.to);
}

}  // namespace quorum::grader::cache
