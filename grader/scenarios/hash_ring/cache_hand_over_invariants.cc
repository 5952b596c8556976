#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/hash_ring/cache_invariants.h"
#include "grader/scenarios/hash_ring/cache_statements.h"

namespace quorum::grader::cache {
namespace {

using hash_ring::kCopyArcs;
using hash_ring::kEnterRing;
using hash_ring::kInstallRing;
using hash_ring::kRead;
using hash_ring::kReplicate;
using hash_ring::kWrite;

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
  const Exchange* exchange = Served(kCopyArcs.path);
  if (exchange == nullptr) return;
  const auto into = facts().rings().find(exchange->copy.into());
  if (into == facts().rings().end()) return;
  const std::uint64_t before = into->second.previous_epoch();
  const auto& only = exchange->copy.keys();
  const auto& records = exchange->copied.records();
  const bool more = exchange->copied.more() && !records.empty();
  for (const std::string& key : facts().AcknowledgedKeys()) {
    if (!only.empty() && std::find(only.begin(), only.end(), key) == only.end()) continue;
    if (exchange->copy.has_after_key() && key <= exchange->copy.after_key()) continue;
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

Fenced::Fenced(sim::World& world, const Facts& facts) : CacheInvariant(world, facts, kFenced) {}

void Fenced::OnSend(const sim::Message& message, std::string_view) {
  const Exchange* exchange = facts().answered();
  if (exchange == nullptr || !exchange->served) return;
  for (const char* path : {kWrite.path, kRead.path, kReplicate.path, kCopyArcs.path}) {
    if (exchange->path != path) continue;
    if (!facts().rings().contains(exchange->epoch)) {
      return Violated(
          fmt::format("Node {} serves a {} of epoch {}, which no administrator has asked "
                      "for.",
                      message.from, exchange->method(), exchange->epoch),
          message.from);
    }
    // A request that came before the node moved on may be answered after it.
    const std::uint64_t arrived_in = exchange->epoch_on_arrival.value_or(exchange->epoch);
    const std::uint64_t now_in = facts().CurrentEpoch(message.from);
    if (exchange->epoch >= arrived_in && exchange->epoch <= now_in) continue;
    return Violated(
        fmt::format(
            "Node {} serves a {} of epoch {}; it was in epoch {} when the request came, and "
            "is in epoch {} now.",
            message.from, exchange->method(), exchange->epoch, arrived_in, now_in),
        message.from);
  }
}

EpochsRise::EpochsRise(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kEpochsRise) {}

void EpochsRise::OnSend(const sim::Message& message, std::string_view path) {
  // What a node says of an epoch: by asking in it as a replica, or by answering.
  std::uint64_t said = 0;
  if (!message.is_response && path == kReplicate.path) {
    hash_ring::ReplicateRequest request;
    request.ParseFromString(message.payload);
    said = request.epoch();
  } else if (const Exchange* exchange = facts().answered()) {
    const bool installed = exchange->path == kInstallRing.path && exchange->served &&
                           facts().rings().contains(exchange->epoch);
    const bool entered = exchange->path == kEnterRing.path && exchange->served;
    said = entered ? exchange->entered : installed ? exchange->epoch : 0;
  }
  if (said <= facts().DurableEpoch(message.from)) return;
  Violated(fmt::format("Node {} says that it is in epoch {}; its disk would remember epoch {}.",
                       message.from, said, facts().DurableEpoch(message.from)),
           message.from);
}

void EpochsRise::Compare(NodeId node) {
  if (facts().HasLostItsData(node)) return;
  const std::uint64_t epoch = facts().DurableEpoch(node);
  std::uint64_t& highest = highest_[node];
  if (epoch < highest) {
    Violated(fmt::format("The disk of node {} held epoch {}, and now holds epoch {}.", node,
                         highest, epoch),
             node);
  }
  highest = std::max(highest, epoch);
}

RingsOutliveLoss::RingsOutliveLoss(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kRingsOutliveLoss) {}

void RingsOutliveLoss::OnSend(const sim::Message& message, std::string_view) {
  const Exchange* install = Served(kInstallRing.path);
  if (install == nullptr) return;
  const auto ring = facts().rings().find(install->epoch);
  if (ring == facts().rings().end()) return;
  std::size_t entered = 0;
  for (const auto& [node, machine] : world().machines()) {
    if (facts().HighestEpochEver(node) >= install->epoch) ++entered;
  }
  const auto members = static_cast<std::size_t>(ring->second.members_size());
  if (entered >= std::min<std::size_t>(ring->second.replicas(), members)) return;
  Violated(
      fmt::format("Node {} tells the administrator that the ring of epoch {} is installed. The "
                  "disks of {} nodes know of it; every key has {} replicas.",
                  message.from, install->epoch, entered, ring->second.replicas()),
      message.from);
}

LostStaysOut::LostStaysOut(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kLostStaysOut) {}

void LostStaysOut::OnSend(const sim::Message& message, std::string_view) {
  const Exchange* exchange = facts().answered();
  if (exchange == nullptr || !exchange->served) return;
  if (!facts().HasLostItsData(message.from)) return;
  Violated(fmt::format("Node {} has lost its data, and serves a {} of node {}.", message.from,
                       exchange->method(), message.to),
           message.from);
}

}  // namespace quorum::grader::cache
