#include "grader/scenarios/lock_service/election.h"

#include <fmt/format.h>

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;

constexpr Statement kElected = {
    "lock.leader-is-elected",
    "While a majority of servers runs and candidates can reach them, one of these leads, and its "
    "orders are obeyed.",
    "Chubby, section 2.4; lab 4, part 4E"};

NodeConfig CandidateConfigOf(LockRoom& room, NodeId self) {
  lock::CandidateConfig own;
  own.set_path(LockRoom::Path("leader"));
  own.set_store(kStore);
  own.set_grace_ns(room.options().grace);
  for (const NodeId server : room.servers()) own.add_servers(server);
  NodeConfig config;
  config.set_self(self);
  config.mutable_lab()->PackFrom(own);
  config.set_clock_rate_bound_ppm(room.options().clock_rate_bound_ppm);
  return config;
}

}  // namespace

FencedStoreObeys::FencedStoreObeys(sim::World& world) : Invariant(world, kFenced) {}

void FencedStoreObeys::OnDurable(NodeId node, const WriteBatch& batch) {
  if (node != kStore) return;
  for (const WriteBatch::Change& change : batch.changes()) {
    if (!change.key.starts_with("value/") || !change.value) continue;
    lock::FencedValue value;
    value.ParseFromString(*change.value);
    if (value.generation() < highest_) {
      return Violated(fmt::format("The store has written an order of generation {} after one of "
                                  "generation {}.",
                                  value.generation(), highest_),
                      node);
    }
    highest_ = value.generation();
  }
}

std::vector<NodeId> BootElection(LockRoom& room) {
  NodeConfig config;
  config.set_self(kStore);
  room.stage().AddNode(lock::kStoreRole, config);
  std::vector<NodeId> candidates = {201, 202, 203};
  for (const NodeId candidate : candidates) {
    room.stage().AddNode(lock::kCandidateRole, CandidateConfigOf(room, candidate));
  }
  return candidates;
}

NodeId WriteByLeader(LockRoom& room, const std::vector<NodeId>& candidates,
                     const std::string& value, std::uint64_t& generation) {
  lock::WriteAsLeaderRequest request;
  request.set_key("k");
  request.set_value(value);
  const sim::SimTime until = room.world().now() + kPatience;
  while (room.world().now() < until) {
    for (const NodeId candidate : candidates) {
      const auto answer = room.Do(candidate, lock::kWriteAsLeader, request);
      if (!answer.ok() || answer->outcome() != lock::WriteAsLeaderResponse::WRITTEN) continue;
      generation = answer->generation();
      return candidate;
    }
    room.world().RunFor(100 * kMillisecond);
  }
  room.stage().Require(kElected, false, "For 60 simulated seconds no candidate has led.");
  return 0;
}

}  // namespace quorum::grader::locks
