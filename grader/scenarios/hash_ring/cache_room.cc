#include "grader/scenarios/hash_ring/cache_room.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "grader/scenarios/hash_ring/cache_invariants.h"
#include "grader/scenarios/hash_ring/cache_statements.h"

namespace quorum::grader::cache {
namespace {

constexpr sim::SimTime kPatience = 20 * kSecond;

void Note(const hash_ring::GetResponse& response, Operation& operation) {
  if (response.found()) operation.value = response.value();
  operation.version = StampOf(response.version());
}
template <class Response>
void Note(const Response& response, Operation& operation) {
  operation.version = StampOf(response.version());
}

std::string Quote(const std::optional<std::string>& value) {
  return value ? fmt::format("\"{}\"", *value) : "nothing";
}

}  // namespace

CacheRoom::CacheRoom(Stage& stage, const RoomOptions& options)
    : stage_(stage), options_(options), facts_(stage.world()), history_(facts_) {
  world().Watch(facts_);
  if (options.watched) WatchInvariants();
  world().Watch(history_);

  std::vector<NodeId> members;
  for (NodeId node = 1; node <= options.nodes; ++node) members.push_back(node);
  ring_ = NextRing(members);
  facts_.AddRing(ring_);
  for (const NodeId node : servers()) AddNode(hash_ring::kCacheNodeRole, node);
  for (std::uint32_t i = 0; i < options.clients; ++i) {
    AddNode(hash_ring::kCacheClientRole, client(i));
  }
  AddNode(hash_ring::kCacheClientRole, kAdministrator);
  stage_.Step(fmt::format("Nodes {} boot with a ring of epoch 1; every key has {} replicas.",
                          fmt::join(members, ", "), options.replicas));
}

void CacheRoom::WatchInvariants() {
  stage_.Watch<LostStaysOut>(facts_);
  stage_.Watch<HeldByAll>(facts_);
  stage_.Watch<ReadsSeeAcknowledged>(facts_);
  stage_.Watch<OneRecordAVersion>(facts_);
  stage_.Watch<VersionsRise>(facts_);
  stage_.Watch<ExecutedOnce>(facts_);
  stage_.Watch<Fenced>(facts_);
  stage_.Watch<EpochsRise>(facts_);
  stage_.Watch<RingsOutliveLoss>(facts_);
  stage_.Watch<OldReplicasKeep>(facts_);
  stage_.Watch<CopiesLackNothing>(facts_);
}

void CacheRoom::AddNode(const char* role, NodeId id) {
  NodeConfig config;
  config.set_self(id);
  for (NodeId node = 1; node <= options_.nodes; ++node) config.add_peers(node);
  hash_ring::CacheConfig own;
  *own.mutable_ring() = ring_;
  own.set_chunk_records(options_.chunk_records);
  config.mutable_lab()->PackFrom(own);
  // Named, since a later lab's scenario may stand on this one.
  world().AddMachine("node-" + std::to_string(id), stage_.node_factory(role, "hash_ring"), config);
  world().Boot(id);
}

std::vector<NodeId> CacheRoom::servers() const {
  std::vector<NodeId> nodes;
  for (NodeId node = 1; node <= options_.nodes + options_.spares; ++node) nodes.push_back(node);
  return nodes;
}

std::vector<NodeId> CacheRoom::AllBut(const std::vector<NodeId>& these) const {
  std::vector<NodeId> nodes;
  for (const auto& [id, machine] : stage_.world().machines()) {
    if (std::find(these.begin(), these.end(), id) == these.end()) nodes.push_back(id);
  }
  return nodes;
}

template <class Request, class Response>
Pending CacheRoom::Start(NodeId at, const Method<Request, Response>& method, const Request& request,
                         Then then) {
  keys_.insert(request.key());
  auto operation = std::make_shared<Operation>();
  world().Invoke<Request, Response>(
      at, method, request,
      [operation, then = std::move(then)](const absl::StatusOr<Response>& response) {
        operation->done = true;
        operation->status = response.status();
        if (response.ok()) Note(*response, *operation);
        if (then) then();
      });
  return operation;
}

Pending CacheRoom::Put(NodeId at, const std::string& key, const std::string& value, Then then) {
  hash_ring::PutRequest request;
  request.set_key(key);
  request.set_value(value);
  return Start(at, hash_ring::kPut, request, std::move(then));
}

Pending CacheRoom::Append(NodeId at, const std::string& key, const std::string& value, Then then) {
  hash_ring::AppendRequest request;
  request.set_key(key);
  request.set_value(value);
  return Start(at, hash_ring::kAppend, request, std::move(then));
}

Pending CacheRoom::Delete(NodeId at, const std::string& key, Then then) {
  hash_ring::DeleteRequest request;
  request.set_key(key);
  return Start(at, hash_ring::kDelete, request, std::move(then));
}

Pending CacheRoom::Get(NodeId at, const std::string& key, Then then) {
  hash_ring::GetRequest request;
  request.set_key(key);
  return Start(at, hash_ring::kGet, request, std::move(then));
}

Operation CacheRoom::Await(const Pending& operation, const std::string& what) {
  RunUntil([&] { return operation->done; }, kPatience);
  stage_.Require(kProgress, operation->done,
                 fmt::format("{}: 20 simulated seconds later there is no answer.", what));
  stage_.Require(kProgress, operation->status.ok(),
                 fmt::format("{}: the answer is {}.", what, operation->status.ToString()));
  return *operation;
}

void CacheRoom::DemandValue(NodeId at, const std::string& key,
                            const std::optional<std::string>& value) {
  const Operation got = Await(Get(at, key), fmt::format("A get of the key \"{}\"", key));
  stage_.Require(
      kReadsSeeAcknowledged, got.value == value,
      fmt::format("A get of the key \"{}\" at node {} returns {}; the acknowledged writes "
                  "have left {} there.",
                  key, at, Quote(got.value), Quote(value)));
}

std::string CacheRoom::KeyWhere(const std::function<bool(const Lists&)>& fits, const Ring* next,
                                const std::set<std::string>& but) {
  if (next != nullptr) facts_.AddRing(*next);
  for (int i = 0; i < 2'000; ++i) {
    const std::string key = fmt::format("key{}", i);
    if (but.contains(key)) continue;
    Lists lists;
    for (const auto& [epoch, ring] : facts_.rings()) lists.push_back(facts_.Replicas(epoch, key));
    if (fits(lists)) return key;
  }
  throw Inconclusive{"There is no key whose replicas are as the story wants them."};
}

void CacheRoom::Cut(const std::vector<NodeId>& one, const std::vector<NodeId>& other) {
  for (const NodeId a : one) {
    for (const NodeId b : other) {
      world().network().Cut(a, b);
      world().network().Cut(b, a);
    }
  }
}

void CacheRoom::Mend(const std::vector<NodeId>& one, const std::vector<NodeId>& other) {
  for (const NodeId a : one) {
    for (const NodeId b : other) {
      world().network().Mend(a, b);
      world().network().Mend(b, a);
    }
  }
}

// ---- The administrator

std::vector<NodeId> CacheRoom::members() const {
  std::vector<NodeId> nodes;
  for (const hash_ring::Member& member : ring_.members()) nodes.push_back(member.node());
  return nodes;
}

Ring CacheRoom::NextRing(const std::vector<NodeId>& members) const {
  Ring next;
  next.set_epoch(ring_.epoch() + 1);
  next.set_previous_epoch(ring_.epoch());
  next.set_replicas(options_.replicas);
  next.set_points_per_unit(options_.points_per_unit);
  for (const NodeId node : members) {
    hash_ring::Member& member = *next.add_members();
    member.set_node(node);
    member.set_weight(1);
  }
  return next;
}

void CacheRoom::Install(const Ring& ring) {
  facts_.AddRing(ring);
  ring_ = ring;
  unanswered_[ring.epoch()] = ring;
  stage_.Step(fmt::format("The administrator installs a ring of epoch {} with the nodes {}.",
                          ring.epoch(), fmt::join(members(), ", ")));
  AskFor(ring);
}

void CacheRoom::AskFor(const Ring& ring) {
  if (!unanswered_.contains(ring.epoch()) || ring.epoch() != ring_.epoch()) return;
  hash_ring::InstallRingRequest request;
  *request.mutable_ring() = ring;
  for (const auto& [epoch, earlier] : unanswered_) {
    if (epoch < ring.epoch()) *request.add_unanswered() = earlier;
  }
  world().Invoke<hash_ring::InstallRingRequest, hash_ring::InstallRingResponse>(
      kAdministrator, hash_ring::kInstallRing, request,
      [this, ring](const absl::StatusOr<hash_ring::InstallRingResponse>& response) {
        if (response.ok()) {  // and with it the earlier ones
          unanswered_.erase(unanswered_.begin(), unanswered_.upper_bound(ring.epoch()));
        } else {
          world().At(world().now() + 50 * kMillisecond, [this, ring] { AskFor(ring); });
        }
      });
}

std::string CacheRoom::WhatIsNotHandedOver() const {
  for (const NodeId node : servers()) {
    const Facts::NodeFacts& disk = facts_.node(node);
    if (facts_.HasLostItsData(node) || !facts_.WasOnARing(node)) continue;
    if (facts_.DurableEpoch(node) != ring_.epoch()) {
      return fmt::format("node {} is in epoch {}", node, facts_.DurableEpoch(node));
    }
    if (disk.rings.rings_size() > 1) {
      return fmt::format("node {} still keeps {} rings", node, disk.rings.rings_size());
    }
    for (const auto& [key, record] : disk.records) {
      const std::vector<NodeId> replicas = facts_.Replicas(ring_.epoch(), key);
      if (std::find(replicas.begin(), replicas.end(), node) != replicas.end()) continue;
      return fmt::format("node {} still keeps the key \"{}\"", node, key);
    }
  }
  return "";
}

void CacheRoom::AwaitRing() {
  RunUntil([this] { return installed(); }, kPatience);
  stage_.Require(kProgress, installed(),
                 "20 simulated seconds later the administrator's request is not answered.");
}

void CacheRoom::DemandHandOver() {
  AwaitRing();
  RunUntil([this] { return HandedOver(); }, kPatience);
  stage_.Require(
      kHandsOver, HandedOver(),
      fmt::format("20 simulated seconds later the hand-over into the ring of epoch {} is not "
                  "over: {}.",
                  ring_.epoch(), WhatIsNotHandedOver()));
}

// ---- The end

void CacheRoom::HealAndJudge(bool may_go_on) {
  stage_.Heal();
  stage_.Step("The faults stop: every process runs, every link works.");
  ReplaceTheLost();
  DemandThatAllEnds(may_go_on);
  const NodeId reader = options_.clients > 0 ? client(0) : kAdministrator;
  std::vector<Pending> gets;
  const std::set<std::string> keys = keys_;
  for (const std::string& key : keys) gets.push_back(Get(reader, key));
  for (const Pending& get : gets) Await(get, "A last get of every key");
  history_.Judge(stage_);
}

void CacheRoom::ReplaceTheLost() {
  std::vector<NodeId> sound = servers();
  std::erase_if(sound, [this](NodeId node) { return facts_.HasLostItsData(node); });
  const std::vector<NodeId> now = members();
  const bool lost = std::any_of(now.begin(), now.end(),
                                [this](NodeId node) { return facts_.HasLostItsData(node); });
  if (!lost) return;
  stage_.Step("The administrator replaces the nodes that have lost their data.");
  Install(NextRing(sound));
}

void CacheRoom::DemandThatAllEnds(bool may_go_on) {
  const auto ended = [this] { return history_.pending() == 0 && installed(); };
  RunUntil(ended, kPatience);
  stage_.Require(kProgress, ended(),
                 fmt::format("20 simulated seconds later {} operations of users are without an "
                             "answer, and the administrator {}.",
                             history_.pending(),
                             installed() ? "waits for nothing" : "still waits for its own"));
  if (!may_go_on) DemandHandOver();
}

void CacheRoom::Crash(NodeId node) {
  stage_.Step(fmt::format("Node {} dies.", node));
  world().Crash(node, false);
}

void CacheRoom::Boot(NodeId node) {
  stage_.Step(fmt::format("Node {} comes back.", node));
  world().Boot(node);
}

void CacheRoom::Wipe(NodeId node) {
  stage_.Step(fmt::format("Node {} dies, and comes back with an empty disk.", node));
  world().Crash(node, false);
  world().machine(node).disk.Wipe();
  world().Boot(node);
}

}  // namespace quorum::grader::cache
