#include "grader/scenarios/paxos/synod_room.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorum::grader::paxos {
namespace {

using quorum::paxos::IsNone;
using quorum::paxos::kDecisionKey;
using quorum::paxos::kPropose;
using quorum::paxos::ProposeRequest;
using quorum::paxos::ProposeResponse;

constexpr Statement kProgress = {"paxos.progress",
                                 "Once the faults have stopped, whoever proposes is answered and "
                                 "every node learns the decision.",
                                 "Paxos Made Simple, section 2.4; handout 2A, step 7"};

}  // namespace

/// Notices what the scenarios exist for.
class SynodRoom::Witness final : public Rule {
 public:
  Witness(Stage& stage, Ledger& ledger) : Rule(stage.world(), {}, ledger), stage_(stage) {}

  void Proposed(const AcceptMessage& message) override {
    const std::string& value = message.proposals.front().second;
    const auto [first, fresh] = first_proposer_.emplace(value, message.from);
    if (!fresh && first->second != message.from) stage_.Observe(kTookOver);
  }
  void Prepared(NodeId from, const Ballot& ballot) override {
    const auto [first, fresh] = first_round_.emplace(from, ballot.round());
    if (!fresh && first->second != ballot.round()) stage_.Observe(kSpoiled);
  }
  void DiskAccepts(NodeId, Slot, const Accepted& accepted) override {
    accepted_.insert(accepted.value);
    if (accepted_.size() > 1) stage_.Observe(kTwoValues);
  }
  void OnCrash(NodeId node, const sim::Disk&) override {
    const AcceptorRecord& record = ledger().acceptor(node);
    if (!IsNone(record.promised)) stage_.Observe(kDiedPromised);
    if (!record.accepted.empty()) stage_.Observe(kDiedAccepted);
  }
  void OnBoot(NodeId node, const sim::Disk&) override {
    if (ledger().acceptor(node).lost) stage_.Observe(kLostDisk);
  }

 private:
  Stage& stage_;
  std::map<std::string, NodeId> first_proposer_;
  std::map<NodeId, std::uint64_t> first_round_;
  std::set<std::string> accepted_;
};

SynodRoom::SynodRoom(Stage& stage, int nodes, const std::set<NodeId>& puppets)
    : stage_(stage),
      nodes_(nodes),
      ledger_(static_cast<std::size_t>(nodes) / 2 + 1),
      watch_(ledger_),
      witness_(std::make_unique<Witness>(stage, ledger_)) {
  stage.world().Watch(watch_);
  WatchRules(stage, watch_, ledger_);
  watch_.Add(*witness_);
  stage.world().Watch(*witness_);
  NodeConfig config;
  for (int node = 1; node <= nodes; ++node) config.add_peers(static_cast<NodeId>(node));
  for (const NodeId node : config.peers()) {
    config.set_self(node);
    if (puppets.contains(node)) {
      puppets_[node] = std::make_unique<Puppet>(stage, watch_, config);
    } else {
      stage.AddNode(quorum::paxos::kSynodRole, config);
    }
  }
  stage.Step(puppets.empty() ? fmt::format("Nodes 1 to {} boot.", nodes)
                             : fmt::format("Nodes 1 to {} boot; the test itself plays {}.", nodes,
                                           fmt::join(puppets, " and ")));
}

SynodRoom::~SynodRoom() = default;

void SynodRoom::Propose(NodeId node, const std::string& value) {
  ProposeRequest request;
  request.set_value(value);
  ++asked_;
  stage_.world().Invoke<ProposeRequest, ProposeResponse>(
      node, kPropose, request, [this](const absl::StatusOr<ProposeResponse>&) { ++answered_; });
}

void SynodRoom::EveryoneProposes(sim::SimTime within) {
  const auto& ops = stage_.Ops([&](sim::Rng& random, auto* drawn) {
    for (int node = 0; node < nodes_; ++node) {
      faults::ClientOp& op = *drawn->Add();
      op.set_client(static_cast<std::uint32_t>(node));
      op.set_think_ns(random.Below(3) == 0 ? within / 2 : random.Between(0, within));
      op.set_value(fmt::format("value-of-{}", node + 1));
    }
  });
  for (const faults::ClientOp& op : ops) {
    stage_.world().At(stage_.world().now() + op.think_ns(),
                      [this, &op] { Propose(op.client() + 1, op.value()); });
  }
  stage_.Step(
      fmt::format("At {} of the nodes a client proposes a value of its own, some of them at "
                  "once.",
                  ops.size()));
}

void SynodRoom::LetThingsGoWrongFor(sim::SimTime duration) {
  faults::Scope scope;
  for (int node = 1; node <= nodes_; ++node) scope.nodes.push_back(static_cast<NodeId>(node));
  scope.duration = duration;
  scope.may_lose_disk = (nodes_ - 1) / 2;
  stage_.StartFaults(scope);
  stage_.Step(fmt::format("Faults begin, of the profile \"{}\".", stage_.plan().profile()));
  stage_.world().RunFor(duration);
}

bool SynodRoom::SomebodyKnows() const {
  const auto& machines = stage_.world().machines();
  return std::any_of(machines.begin(), machines.end(), [](const auto& one) {
    return one.second->up() && one.second->disk.durable().contains(kDecisionKey);
  });
}

bool SynodRoom::AllHaveLearned() {
  for (const auto& [id, machine] : stage_.world().machines()) {
    // One that has lost its disk may have confirmed the decision before: nobody tells it again.
    if (puppets_.contains(id) || machine->disk.corrupt || ledger_.acceptor(id).lost) continue;
    if (!machine->disk.durable().contains(kDecisionKey)) return false;
  }
  return true;
}

void SynodRoom::DemandThatAllLearn() {
  std::string without;
  if (stage_.world().RunUntil([this] { return AllHaveLearned(); }, 20 * kSecond)) return;
  for (const auto& [id, machine] : stage_.world().machines()) {
    if (!machine->disk.durable().contains(kDecisionKey)) without += fmt::format(" {}", id);
  }
  stage_.Require(
      kProgress, false,
      fmt::format("20 simulated seconds later there is no decision on the disks of these "
                  "nodes:{}.",
                  without));
}

void SynodRoom::HealAndDemandDecision() {
  stage_.Heal();
  stage_.Step("The faults stop: every process runs, every link works.");
  if (SomebodyKnows() && stage_.random().Below(2) == 0) {
    stage_.Step("Somebody knows the decision. Nobody proposes any more.");
  } else {
    // Clients may have died with their nodes; somebody must want an answer.
    for (const auto& [id, machine] : stage_.world().machines()) {
      if (machine->up()) Propose(id, fmt::format("late-value-of-{}", id));
    }
    stage_.Step("At every node that runs a client proposes once more.");
  }
  const bool done = stage_.world().RunUntil([this] { return AllAnswered(); }, 20 * kSecond);
  stage_.Require(kProgress, done,
                 fmt::format("20 simulated seconds later {} of the clients are without an answer.",
                             asked_ - answered_));
  DemandThatAllLearn();
}

}  // namespace quorum::grader::paxos
