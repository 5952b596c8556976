#include "grader/scenarios/hash_ring/cache_facts.h"

#include <fmt/format.h>

#include <string_view>

#include "grader/scenarios/parse.h"

namespace quorum::grader::cache {
namespace {

using hash_ring::kCopyArcs;
using hash_ring::kEnterRing;
using hash_ring::kRead;
using hash_ring::kReplicate;
using hash_ring::kWrite;

constexpr std::string_view kRingsKey = "rings";
constexpr std::string_view kNamePrefix = "node-";

NodeId NodeOf(const std::string& name) {
  return static_cast<NodeId>(std::stoul(name.substr(kNamePrefix.size())));
}

std::uint64_t LastEpoch(const hash_ring::RingHistory& history) {
  return history.rings().empty() ? 1 : history.rings(history.rings_size() - 1).epoch();
}

}  // namespace

std::string Text(const Stamp& stamp) {
  if (stamp == Stamp()) return "no version";
  return fmt::format("version ({}, {})", stamp.first, stamp.second);
}

void Facts::AddRing(const Ring& ring) {
  if (!rings_.emplace(ring.epoch(), ring).second) return;
  hash_ring::RingOptions options;
  options.points_per_unit = ring.points_per_unit();
  auto model = std::make_unique<RingModel>(options);
  for (const hash_ring::Member& member : ring.members()) {
    (void)model->Add(fmt::format("{}{}", kNamePrefix, member.node()), member.weight());
  }
  models_[ring.epoch()] = std::move(model);
}

bool Facts::WasOnARing(NodeId node) const {
  for (const auto& [epoch, ring] : rings_) {
    for (const hash_ring::Member& member : ring.members()) {
      if (member.node() == node) return true;
    }
  }
  return false;
}

NodeId Facts::OwnerAcrossZero(std::uint64_t epoch) const {
  return NodeOf(models_.at(epoch)->FirstPoint(0).second);
}

std::vector<NodeId> Facts::Replicas(std::uint64_t epoch, const std::string& key) const {
  const auto model = models_.find(epoch);
  if (model == models_.end()) return {};
  const auto [place, fresh] = replicas_.try_emplace({epoch, key});
  if (fresh) {
    for (const std::string& name :
         model->second->PreferenceList(key, rings_.at(epoch).replicas())) {
      place->second.push_back(NodeOf(name));
    }
  }
  return place->second;
}

const Facts::NodeFacts& Facts::node(NodeId id) const {
  static const NodeFacts kNothing;
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? kNothing : found->second;
}

bool Facts::HasLostItsData(NodeId id) const {
  return node(id).booted_empty || world_.machines().at(id)->disk.corrupt;
}

Stamp Facts::NewestEver(NodeId id, const std::string& key) const {
  const auto& newest = node(id).newest;
  const auto found = newest.find(key);
  return found == newest.end() ? Stamp() : found->second;
}

std::uint64_t Facts::DurableEpoch(NodeId id) const { return LastEpoch(node(id).rings); }

std::uint64_t Facts::CurrentEpoch(NodeId id) const {
  const sim::KeyValues& disk = world_.machines().at(id)->disk.current();
  const auto found = disk.find(kRingsKey);
  return found == disk.end() ? 1 : LastEpoch(Parse<hash_ring::RingHistory>(found->second));
}

Facts::Acknowledged Facts::NewestAcknowledged(const std::string& key, std::uint64_t at,
                                              std::uint64_t epoch) const {
  Acknowledged newest;
  const auto found = acknowledged_.find(key);
  if (found == acknowledged_.end()) return newest;
  for (const Acknowledged& write : found->second) {
    if (write.at < at && write.epoch <= epoch && write.version > newest.version) newest = write;
  }
  return newest;
}

std::vector<std::string> Facts::AcknowledgedKeys() const {
  std::vector<std::string> keys;
  for (const auto& [key, writes] : acknowledged_) keys.push_back(key);
  return keys;
}

void Facts::OnSend(const sim::Message& message, std::string_view path) {
  ++order_;
  answered_ = nullptr;
  if (!message.is_response) return TakeRequest(message, path);
  const auto found = exchanges_.find({message.to, message.call});
  if (found == exchanges_.end()) return;
  TakeResponse(message, found->second);
  answered_ = &found->second;
}

void Facts::TakeRequest(const sim::Message& message, std::string_view path) {
  Exchange exchange;
  exchange.path = std::string(path);
  exchange.from = message.from;
  exchange.to = message.to;
  exchange.asked_at = order_;
  if (path == kWrite.path) {
    exchange.write = Parse<hash_ring::WriteRequest>(message.payload);
    exchange.epoch = exchange.write.epoch();
    exchange.key = exchange.write.key();
  } else if (path == kRead.path) {
    const auto request = Parse<hash_ring::ReadRequest>(message.payload);
    exchange.epoch = request.epoch();
    exchange.key = request.key();
  } else if (path == kReplicate.path) {
    const auto request = Parse<hash_ring::ReplicateRequest>(message.payload);
    exchange.epoch = request.epoch();
    exchange.key = request.record().key();
    exchange.carried = StampOf(request.record().version());
  } else if (path == kCopyArcs.path) {
    exchange.copy = Parse<hash_ring::CopyArcsRequest>(message.payload);
    exchange.epoch = exchange.copy.epoch();
  } else if (path == kEnterRing.path) {
    exchange.epoch = LastEpoch(Parse<hash_ring::EnterRingRequest>(message.payload).rings());
  } else if (path == hash_ring::kInstallRing.path) {
    exchange.epoch = Parse<hash_ring::InstallRingRequest>(message.payload).ring().epoch();
  }
  exchanges_[{message.from, message.call}] = std::move(exchange);
}

void Facts::TakeResponse(const sim::Message& message, Exchange& exchange) {
  exchange.served = message.status.ok();
  if (!exchange.served) return;
  if (exchange.path == kWrite.path) {
    const auto response = Parse<hash_ring::WriteResponse>(message.payload);
    exchange.served = !response.has_newer();
    exchange.version = StampOf(response.version());
    if (exchange.served) {
      acknowledged_[exchange.key].push_back(
          {.version = exchange.version,
           .epoch = exchange.epoch,
           .at = order_,
           .deleted = exchange.write.kind() == hash_ring::DELETE});
    }
  } else if (exchange.path == kRead.path) {
    const auto response = Parse<hash_ring::ReadResponse>(message.payload);
    exchange.served = !response.has_newer();
    exchange.record = response.record();
    exchange.version = StampOf(response.record().version());
  } else if (exchange.path == kReplicate.path) {
    const auto response = Parse<hash_ring::ReplicateResponse>(message.payload);
    exchange.served = !response.has_newer();
    exchange.version = StampOf(response.held());
  } else if (exchange.path == kCopyArcs.path) {
    exchange.copied = Parse<hash_ring::CopyArcsResponse>(message.payload);
    exchange.served = !exchange.copied.has_newer();
  } else if (exchange.path == kEnterRing.path) {
    exchange.entered = Parse<hash_ring::EnterRingResponse>(message.payload).epoch();
  }
}

void Facts::OnDeliver(const sim::Message& message, std::string_view path) {
  if (message.is_response) return;
  const auto found = exchanges_.find({message.from, message.call});
  if (found != exchanges_.end() && !found->second.epoch_on_arrival) {
    found->second.epoch_on_arrival = CurrentEpoch(message.to);
  }
}

void Facts::OnDurable(NodeId id, const WriteBatch& batch) {
  ++order_;
  NodeFacts& node = nodes_[id];
  for (const WriteBatch::Change& change : batch.changes()) {
    TakeChange(node, change.key, change.value ? &*change.value : nullptr);
  }
}

void Facts::TakeChange(NodeFacts& node, const std::string& key, const std::string* value) {
  if (key == kRingsKey && value != nullptr) {
    node.rings = Parse<hash_ring::RingHistory>(*value);
    node.highest_epoch = std::max(node.highest_epoch, LastEpoch(node.rings));
  }
  if (!key.starts_with(kRecordPrefix)) return;
  const std::string name = key.substr(kRecordPrefix.size());
  if (value == nullptr) {
    node.records.erase(name);
    return;
  }
  Record& record = node.records[name];
  record = Parse<Record>(*value);
  Stamp& newest = node.newest[name];
  newest = std::max(newest, StampOf(record.version()));
}

void Facts::Reread(NodeId id, const sim::Disk& disk) {
  ++order_;
  NodeFacts& node = nodes_[id];
  node.records.clear();
  node.rings.Clear();
  for (const auto& [key, value] : disk.durable()) TakeChange(node, key, &value);
  node.booted_empty = disk.booted_before && disk.durable().empty();
}

}  // namespace quorum::grader::cache
