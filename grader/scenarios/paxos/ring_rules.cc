#include "grader/scenarios/paxos/ring_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "grader/scenarios/parse.h"

namespace quorum::grader::paxos {
namespace {

using quorum::paxos::ChangeRingRequest;
using quorum::paxos::ChangeRingResponse;
using quorum::paxos::kChangeRing;

constexpr Statement kOneRing = {
    "paxos.one-ring-an-epoch",
    "An epoch is one ring: what is installed in the cache is what the log has decided.",
    "Paxos Made Simple, section 3; handout 2E, step 1"};
constexpr Statement kAnswersAreTrue = {"paxos.ring-answers",
                                       "An operator who is told that a ring is installed finds as "
                                       "many nodes in it as hold each key; a "
                                       "ring that was refused is never installed.",
                                       "handout 2E, step 2"};

constexpr char kRingsKey[] = "rings";

std::string Members(const Ring& ring) {
  std::vector<std::uint32_t> members;
  for (const hash_ring::Member& member : ring.members()) members.push_back(member.node());
  return fmt::format("{{{}}}", fmt::join(members, ", "));
}

/// The rings that a batch makes durable in a cache node.
hash_ring::RingHistory RingsIn(const WriteBatch& batch) {
  hash_ring::RingHistory rings;
  for (const WriteBatch::Change& change : batch.changes()) {
    if (change.key == kRingsKey && change.value) {
      rings = Parse<hash_ring::RingHistory>(*change.value);
    }
  }
  return rings;
}

}  // namespace

OneRingAnEpoch::OneRingAnEpoch(sim::World& world) : Invariant(world, kOneRing) {}

void OneRingAnEpoch::OnSend(const sim::Message& message, std::string_view path) {
  if (path != hash_ring::kInstallRing.path || message.is_response) return;
  const auto request = Parse<hash_ring::InstallRingRequest>(message.payload);
  for (const Ring& ring : request.unanswered()) Judge(message.from, ring);
  Judge(message.from, request.ring());
}

void OneRingAnEpoch::OnDurable(NodeId node, const WriteBatch& batch) {
  const hash_ring::RingHistory history = RingsIn(batch);
  for (const Ring& ring : history.rings()) Judge(node, ring);
}

void OneRingAnEpoch::Judge(NodeId node, const Ring& ring) {
  const std::string bytes = ring.SerializeAsString();
  const auto [first, fresh] = rings_.emplace(ring.epoch(), Seen{bytes, node});
  if (fresh || first->second.ring == bytes) return;
  Violated(fmt::format("Epoch {} is the ring {} at node {}, and the ring {} at node {}.",
                       ring.epoch(), Members(Parse<Ring>(first->second.ring)), first->second.node,
                       Members(ring), node),
           node);
}

AnswersAreTrue::AnswersAreTrue(sim::World& world, const cache::Facts& facts)
    : Invariant(world, kAnswersAreTrue), facts_(facts) {}

void AnswersAreTrue::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                              std::string_view request) {
  if (path == kChangeRing.path) asked_[op] = Parse<ChangeRingRequest>(request).ring();
}

void AnswersAreTrue::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                              const absl::Status& status, std::string_view response) {
  const auto asked = asked_.extract(op);
  if (asked.empty() || !status.ok()) return;
  const auto answer = Parse<ChangeRingResponse>(response);
  const Ring& ring = asked.mapped();
  if (answer.outcome() == ChangeRingResponse::INSTALLED) return JudgeInstalled(node, ring);
  // One that came too early may be taken later.
  if (answer.outcome() == ChangeRingResponse::REFUSED && ring.epoch() <= answer.ring().epoch()) {
    const std::string bytes = ring.SerializeAsString();
    if (!in_force_.contains(bytes)) refused_.emplace(bytes, node);
  }
}

void AnswersAreTrue::JudgeInstalled(NodeId node, const Ring& ring) {
  std::uint32_t entered = 0;
  for (const auto& [id, machine] : world().machines()) {
    if (facts_.HighestEpochEver(id) >= ring.epoch()) ++entered;
  }
  const auto needed =
      std::min<std::uint32_t>(ring.replicas(), static_cast<std::uint32_t>(ring.members_size()));
  if (entered >= needed) return;
  Violated(fmt::format("Node {} says that the ring {} of epoch {} is installed; {} nodes of the "
                       "cache have entered that epoch, of {} that hold each key.",
                       node, Members(ring), ring.epoch(), entered, needed),
           node);
}

void AnswersAreTrue::OnDurable(NodeId node, const WriteBatch& batch) {
  const hash_ring::RingHistory history = RingsIn(batch);
  for (const Ring& ring : history.rings()) {
    const std::string bytes = ring.SerializeAsString();
    in_force_.emplace(bytes, node);
    const auto refused = refused_.find(bytes);
    if (refused == refused_.end()) continue;
    Violated(fmt::format("Node {} has refused the ring {} of epoch {}, and now node {} enters it.",
                         refused->second, Members(ring), ring.epoch(), node),
             refused->second);
  }
}

}  // namespace quorum::grader::paxos
