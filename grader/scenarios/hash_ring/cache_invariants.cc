#include "grader/scenarios/hash_ring/cache_invariants.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "grader/scenarios/hash_ring/cache_statements.h"

namespace quorum::grader::cache {
namespace {

using hash_ring::kRead;
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

/// The key that a user asks for; nothing when the request is of another kind. All of them have it
/// in the same place.
std::optional<std::string> KeyOfUsersRequest(std::string_view path, std::string_view request) {
  for (const char* users : {hash_ring::kPut.path, hash_ring::kAppend.path, hash_ring::kDelete.path,
                            hash_ring::kGet.path}) {
    if (path != users) continue;
    hash_ring::GetRequest parsed;
    parsed.ParseFromArray(request.data(), static_cast<int>(request.size()));
    return parsed.key();
  }
  return std::nullopt;
}

/// What is on a node's disk under just this version; null: that node holds another one, or none.
const Record* StoredUnder(const Facts& facts, NodeId node, const std::string& key,
                          const Stamp& version) {
  const auto found = facts.node(node).records.find(key);
  if (found == facts.node(node).records.end()) return nullptr;
  return StampOf(found->second.version()) == version ? &found->second : nullptr;
}

/// Whether `stored` is what the call says that it wrote or read.
bool IsWhatWasAnswered(const Exchange& exchange, const Record& stored) {
  const hash_ring::WriteRequest& write = exchange.write;
  if (exchange.path == kRead.path) {
    return stored.deleted() == exchange.record.deleted() &&
           stored.value() == exchange.record.value();
  }
  if (write.kind() == hash_ring::DELETE) return stored.deleted();
  if (stored.deleted()) return false;
  return write.kind() == hash_ring::PUT ? stored.value() == write.value()
                                        : stored.value().ends_with(write.value());
}

std::string Text(const Record& record) {
  return record.deleted() ? "a tombstone" : fmt::format("\"{}\"", record.value());
}

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
    if (held >= exchange->version) {
      const Record* stored = StoredUnder(facts(), replica, exchange->key, exchange->version);
      if (stored == nullptr || IsWhatWasAnswered(*exchange, *stored)) continue;
      return Violated(
          fmt::format("Node {} {} {} of the key \"{}\" as {}; the disk of node {} has {} under it.",
                      message.from, write != nullptr ? "acknowledges" : "shows",
                      Text(exchange->version), exchange->key,
                      write != nullptr ? WriteKind_Name(write->write.kind()) + " of \"" +
                                             write->write.value() + "\""
                                       : Text(exchange->record),
                      replica, Text(*stored)),
          message.from);
    }
    return Violated(
        fmt::format("Node {} {} {} of the key \"{}\" in epoch {}; the ring also lists "
                    "node {} for it, whose disk has {}.",
                    message.from, write != nullptr ? "acknowledges" : "shows",
                    Text(exchange->version), exchange->key, exchange->epoch, replica, Text(held)),
        message.from);
  }
}

void HeldByAll::OnInvoke(NodeId, std::uint64_t op, std::string_view path,
                         std::string_view request) {
  if (const std::optional<std::string> key = KeyOfUsersRequest(path, request)) keys_[op] = *key;
}

void HeldByAll::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                         const absl::Status& status, std::string_view response) {
  const auto found = keys_.find(op);
  if (found == keys_.end()) return;
  const std::string key = found->second;
  keys_.erase(found);
  if (!status.ok()) return;
  Stamp version;
  std::optional<Record> shown;
  if (path == hash_ring::kGet.path) {
    hash_ring::GetResponse answer;
    answer.ParseFromArray(response.data(), static_cast<int>(response.size()));
    if (!answer.found() && !answer.has_version()) return;
    version = StampOf(answer.version());
    shown.emplace().set_deleted(!answer.found());
    shown->set_value(answer.value());
  } else {
    hash_ring::PutResponse written;
    written.ParseFromArray(response.data(), static_cast<int>(response.size()));
    version = StampOf(written.version());
  }
  if (version != Stamp() && HeldInSomeRing(key, version)) {
    if (shown) CompareWithDisks(node, key, version, *shown);
    return;
  }
  Violated(
      fmt::format("Node {} tells a user of {} of the key \"{}\". There is no ring of which all "
                  "replicas of that key hold it.",
                  node, Text(version), key),
      node);
}

void HeldByAll::CompareWithDisks(NodeId node, const std::string& key, const Stamp& version,
                                 const Record& shown) {
  for (const auto& [other, machine] : world().machines()) {
    const Record* stored = StoredUnder(facts(), other, key, version);
    if (stored == nullptr || Text(*stored) == Text(shown)) continue;
    return Violated(
        fmt::format("Node {} shows a user {} of the key \"{}\" as {}; the disk of node {} "
                    "has {} under it.",
                    node, Text(version), key, Text(shown), other, Text(*stored)),
        node);
  }
}

bool HeldByAll::HeldInSomeRing(const std::string& key, const Stamp& version) const {
  for (const auto& [epoch, ring] : facts().rings()) {
    const std::vector<NodeId> replicas = facts().Replicas(epoch, key);
    if (!replicas.empty() && std::all_of(replicas.begin(), replicas.end(), [&](NodeId replica) {
          return facts().NewestEver(replica, key) >= version;
        })) {
      return true;
    }
  }
  return false;
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
  const std::string what = Text(record);
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
  if (const Exchange* write = Served(kWrite.path)) return JudgeAnswer(*write);
  const Exchange* read = Served(kRead.path);
  std::string part;
  if (read == nullptr || !HasAPartTwice(read->record.value(), part)) return;
  Violated(
      fmt::format("Node {} answers a read of the key \"{}\" with \"{}\": \"{};\" was asked for "
                  "once and is there twice.",
                  message.from, read->key, read->record.value(), part),
      message.from);
}

void ExecutedOnce::JudgeAnswer(const Exchange& write) {
  const hash_ring::RequestId& id = write.write.id();
  const auto [first, fresh] =
      answers_.try_emplace(std::pair(write.key, id.SerializeAsString()), write.version);
  if (fresh || first->second == write.version) return;
  Violated(
      fmt::format("Node {} answers request ({}, {}) of client {}, for the key \"{}\", with {}. "
                  "It was answered with {} before.",
                  write.to, id.incarnation(), id.sequence(), id.client(), write.key,
                  Text(write.version), Text(first->second)),
      write.to);
}

}  // namespace quorum::grader::cache
