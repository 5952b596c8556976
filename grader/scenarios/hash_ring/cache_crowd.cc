#include "grader/scenarios/hash_ring/cache_crowd.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

namespace quorum::grader::cache {

Crowd::Crowd(CacheRoom& room, const CrowdOptions& options)
    : room_(room), options_(options), clients_(room.options().clients) {}

void Crowd::Begin() {
  const auto& ops =
      room_.stage().Ops([this](sim::Rng& random, auto* drawn) { Draw(random, drawn); });
  queues_.resize(clients_ + 1);
  for (const faults::ClientOp& op : ops) queues_[op.client()].push_back(&op);
  for (std::size_t client = 0; client < queues_.size(); ++client) BeginNext(client);
  room_.stage().Step(
      fmt::format("{} clients begin to write and read {} keys, one operation after "
                  "the other: {} in all.",
                  clients_, options_.keys, ops.size()));
}

void Crowd::Draw(sim::Rng& random,
                 google::protobuf::RepeatedPtrField<faults::ClientOp>* ops) const {
  for (std::uint32_t i = 0; i < clients_ * static_cast<std::uint32_t>(options_.operations); ++i) {
    faults::ClientOp& op = *ops->Add();
    op.set_client(i % clients_);
    op.set_think_ns(random.Between(0, options_.longest_pause));
    op.set_key(fmt::format("key{}", random.Below(static_cast<std::uint64_t>(options_.keys))));
    const std::uint64_t kind = random.Below(100);
    op.set_op(kind < 45 ? "get" : kind < 75 ? "append" : kind < 90 ? "put" : "delete");
    if (kind >= 45 && kind < 90) op.set_value(fmt::format("{};", i));
  }
  DrawRings(random, ops);
}

void Crowd::DrawRings(sim::Rng& random,
                      google::protobuf::RepeatedPtrField<faults::ClientOp>* ops) const {
  std::vector<NodeId> on = room_.members();
  std::vector<NodeId> off = room_.servers();
  std::erase_if(off,
                [&](NodeId node) { return std::find(on.begin(), on.end(), node) != on.end(); });
  const auto move = [&](std::vector<NodeId>& from, std::vector<NodeId>& to) {
    const auto chosen = from.begin() + static_cast<std::ptrdiff_t>(random.Below(from.size()));
    to.push_back(*chosen);
    from.erase(chosen);
  };
  for (int change = 0; change < options_.ring_changes; ++change) {
    const bool may_leave = on.size() > room_.options().replicas;
    const std::uint64_t kind = random.Below(3);
    if (!off.empty() && (kind != 1 || !may_leave)) move(off, on);
    if (may_leave && kind != 0) move(on, off);
    std::sort(on.begin(), on.end());
    faults::ClientOp& op = *ops->Add();
    op.set_client(clients_);
    op.set_think_ns(random.Between(0, 2 * options_.rings_within / options_.ring_changes));
    op.set_op("ring");
    op.set_value(fmt::format("{}", fmt::join(on, " ")));
  }
}

void Crowd::BeginNext(std::size_t client) {
  std::deque<const faults::ClientOp*>& queue = queues_[client];
  if (queue.empty()) return;
  const faults::ClientOp& op = *queue.front();
  sim::World& world = room_.world();
  world.At(world.now() + op.think_ns(), [this, client, &op] { Do(client, op); });
}

void Crowd::Do(std::size_t client, const faults::ClientOp& op) {
  const auto next = [this, client] {
    queues_[client].pop_front();
    BeginNext(client);
  };
  if (op.op() == "ring") {
    ChangeRing(op.value());
    return next();
  }
  const NodeId at = room_.client(static_cast<std::uint32_t>(client));
  if (op.op() == "get") room_.Get(at, op.key(), next);
  if (op.op() == "put") room_.Put(at, op.key(), op.value(), next);
  if (op.op() == "append") room_.Append(at, op.key(), op.value(), next);
  if (op.op() == "delete") room_.Delete(at, op.key(), next);
}

void Crowd::ChangeRing(const std::string& nodes) {
  std::vector<NodeId> members;
  std::istringstream in(nodes);
  for (NodeId node = 0; in >> node;) members.push_back(node);
  // Nobody puts a node on a ring that has lost its data: another one takes its place.
  std::erase_if(members, [this](NodeId node) { return room_.facts().HasLostItsData(node); });
  for (const NodeId node : room_.servers()) {
    if (members.size() >= room_.options().replicas) break;
    if (room_.facts().HasLostItsData(node)) continue;
    if (std::find(members.begin(), members.end(), node) == members.end()) members.push_back(node);
  }
  room_.Install(room_.NextRing(members));
}

bool Crowd::done() const {
  return std::all_of(queues_.begin(), queues_.end(),
                     [](const auto& queue) { return queue.empty(); });
}

}  // namespace quorum::grader::cache
