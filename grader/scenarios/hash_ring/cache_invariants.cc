#include "grader/scenarios/hash_ring/cache_invariants.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "grader/scenarios/hash_ring/cache_statements.h"

namespace quorum::grader::cache {
namespace {

using hash_ring::kCopyArcs;
using hash_ring::kEnterRing;
using hash_ring::kInstallRing;
using hash_ring::kRead;
using hash_ring::kReplicate;
using hash_ring::kWrite;

/// The parts of a value that were appended one by one: the scenarios end each of them with ';'.
bool HasAPartTwice(const std::string& value, std::string& part) {
  std::set<std::string> parts;
  std::istringstream in(value);
  while (std::getline(in, part, ';')) {
    if (!parts.insert(part).second) return true;
  }
  return false;
}

/// The keys whose records a batch changes.
std::vector<std::string> KeysOf(const WriteBatch& batch) {
  constexpr std::string_view kPrefix = "record/";
  std::vector<std::string> keys;
  for (const WriteBatch::Change& change : batch.changes()) {
    if (change.key.starts_with(kPrefix)) keys.push_back(change.key.substr(kPrefix.size()));
  }
  return keys;
}

std::string NameOf(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

const Exchange* CacheInvariant::Served(const char* path) const {
  const Exchange* exchange = facts_.answered();
  return exchange != nullptr && exchange->served && exchange->path == path ? exchange : nullptr;
}

HeldByAll::HeldByAll(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kHeldByAll) {}

void HeldByAll::OnSend(const sim::Message& message, std::string_view) {
  const Exchange* write = Served(kWrite.path);
  const Exchange* exchange = write != nullptr ? write : Served(kRead.path);
  if (exchange == nullptr || exchange->version == Stamp()) return;
  for (const NodeId replica : facts().Replicas(exchange->epoch, exchange->key)) {
    const Stamp held = facts().NewestEver(replica, exchange->key);
    if (held >= exchange->version) continue;
    return Violated(
        fmt::format("Node {} {} {} of the key \"{}\" in epoch {}; the ring also lists "
                    "node {} for it, whose disk has {}.",
                    message.from, write != nullptr ? "acknowledges" : "shows",
                    Text(exchange->version), exchange->key, exchange->epoch, replica, Text(held)),
        message.from);
  }
}

ReadsSeeAcknowledged::ReadsSeeAcknowledged(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kReadsSeeAcknowledged) {}

void ReadsSeeAcknowledged::OnSend(const sim::Message& message, std::string_view) {
  const Exchange* read = Served(kRead.path);
  if (read == nullptr) return;
  const auto newest = facts().NewestAcknowledged(read->key, read->asked_at, read->epoch);
  if (read->version >= newest.version) return;
  Violated(
      fmt::format("Node {} answers a read of the key \"{}\" in epoch {} with {}. Before the read "
                  "was asked {}, {}, had been acknowledged in epoch {}.",
                  message.from, read->key, read->epoch, Text(read->version), Text(newest.version),
                  newest.deleted ? "a deletion" : "a value", newest.epoch),
      message.from);
}

OneRecordAVersion::OneRecordAVersion(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kOneRecordAVersion) {}

void OneRecordAVersion::OnDurable(NodeId node, const WriteBatch& batch) {
  for (const std::string& key : KeysOf(batch)) Compare(node, key);
}

void OneRecordAVersion::OnCrash(NodeId node, const sim::Disk&) {
  for (const auto& [key, record] : facts().node(node).records) Compare(node, key);
}

void OneRecordAVersion::Compare(NodeId node, const std::string& key) {
  const auto found = facts().node(node).records.find(key);
  if (found == facts().node(node).records.end()) return;
  const Record& record = found->second;
  const Stamp version = StampOf(record.version());
  std::string what = record.deleted() ? "a tombstone" : fmt::format("\"{}\"", record.value());
  const auto [first, fresh] = seen_.try_emplace({key, version}, Seen{what, node});
  if (fresh || first->second.what == what) return;
  Violated(
      fmt::format("On the disk of node {} {} of the key \"{}\" is {}; on that of node {} it was "
                  "{}.",
                  node, Text(version), key, what, first->second.where, first->second.what),
      node);
}

VersionsRise::VersionsRise(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kVersionsRise) {}

void VersionsRise::OnDurable(NodeId node, const WriteBatch& batch) {
  for (const std::string& key : KeysOf(batch)) Compare(node, key);
}

void VersionsRise::OnCrash(NodeId node, const sim::Disk&) {
  // Of the writes that were under way some have survived; among them may be a deletion and, after
  // it, an older record that has come back rightly.
  std::erase_if(held_, [&](const auto& held) { return held.first.first == node; });
  for (const auto& [key, record] : facts().node(node).records) {
    held_[{node, key}] = StampOf(record.version());
  }
}

void VersionsRise::Compare(NodeId node, const std::string& key) {
  const auto found = facts().node(node).records.find(key);
  Stamp& held = held_[{node, key}];
  if (found == facts().node(node).records.end()) {  // deleted: whether rightly, others judge
    held = Stamp();
    return;
  }
  const Stamp now = StampOf(found->second.version());
  if (now < held) {
    Violated(fmt::format("The disk of node {} held {} of the key \"{}\", and now holds {}.", node,
                         Text(held), key, Text(now)),
             node);
  }
  held = now;
}

ExecutedOnce::ExecutedOnce(sim::World& world, const Facts& facts)
    : CacheInvariant(world, facts, kExecutedOnce) {}

void ExecutedOnce::OnSend(const sim::Message& message, std::string_view) {
  const Exchange* read = Served(kRead.path);
  std::string part;
  if (read == nullptr || !HasAPartTwice(read->record.value(), part)) return;
  Violated(
      fmt::format("Node {} answers a read of the key \"{}\" with \"{}\": \"{};\" was asked for "
                  "once and is there twice.",
                  message.from, read->key, read->record.value(), part),
      message.from);
}

Fenced::Fenced(sim::World& world, const Facts& facts) : CacheInvariant(world, facts, kFenced) {}

void Fenced::OnSend(const sim::Message& message, std::string_view) {
  const Exchange* exchange = facts().answered();
  if (exchange == nullptr || !exchange->served) return;
  for (const char* path : {kWrite.path, kRead.path, kReplicate.path, kCopyArcs.path}) {
    if (exchange->path != path) continue;
    // A request that came before the node moved on may be answered after it.
    const std::uint64_t arrived_in = exchange->epoch_on_arrival.value_or(exchange->epoch);
    const std::uint64_t now_in = facts().CurrentEpoch(message.from);
    if (exchange->epoch >= arrived_in && exchange->epoch <= now_in) continue;
    return Violated(
        fmt::format(
            "Node {} serves a {} of epoch {}; it was in epoch {} when the request came, and "
            "is in epoch {} now.",
            message.from, NameOf(exchange->path), exchange->epoch, arrived_in, now_in),
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
                       NameOf(exchange->path), message.to),
           message.from);
}

}  // namespace quorum::grader::cache
