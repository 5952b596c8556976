#include "grader/scenarios/paxos/authority_room.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace quorum::grader::paxos {
namespace {

using quorum::paxos::ChangeRingRequest;
using quorum::paxos::ChangeRingResponse;
using quorum::paxos::kChangeRing;

constexpr NodeId kFirstAdministrator = 301;
constexpr sim::SimTime kPause = 50 * kMillisecond;
constexpr sim::SimTime kAdministratorsPatience = 60 * kSecond;

constexpr Statement kAuthorityProgress = {
    "paxos.ring-progress",
    "Once the faults have stopped, every operator is told what became of its ring, and the next "
    "ring can be installed.",
    "handout 2E, step 3"};

}  // namespace

/// What there is to steer by.
class AuthorityRoom::Witness final : public Rule {
 public:
  Witness(sim::World& world, Ledger& ledger) : Rule(world, {}, ledger) {}

  void Proposed(const AcceptMessage& message) override { leader = message.from; }

  NodeId leader = 0;
};

/// Asks for one ring until it knows what became of it.
class AuthorityRoom::Operator {
 public:
  Operator(AuthorityRoom& room, std::vector<NodeId> reachable, Ring ring,
           std::function<void()> then)
      : answer(std::make_shared<Answer>()),
        room_(room),
        reachable_(std::move(reachable)),
        ring_(std::move(ring)),
        then_(std::move(then)) {}

  void Ask(NodeId hint = 0) {
    const bool useful = std::find(reachable_.begin(), reachable_.end(), hint) != reachable_.end();
    const NodeId node = useful ? hint : reachable_[next_++ % reachable_.size()];
    ChangeRingRequest request;
    *request.mutable_ring() = ring_;
    room_.world().Invoke<ChangeRingRequest, ChangeRingResponse>(
        node, kChangeRing, request, [this](const absl::StatusOr<ChangeRingResponse>& response) {
          if (response.ok()) return Hear(*response);
          Later(0);
        });
  }
  void Reach(const std::vector<NodeId>& everyone) { reachable_ = everyone; }

  std::shared_ptr<Answer> answer;

 private:
  void Hear(const ChangeRingResponse& response) {
    const auto outcome = response.outcome();
    if (outcome != ChangeRingResponse::INSTALLED && outcome != ChangeRingResponse::REFUSED) {
      return Later(response.leader_hint());
    }
    answer->given = true;
    answer->installed = outcome == ChangeRingResponse::INSTALLED;
    answer->last = response.ring();
    if (then_) then_();
  }
  void Later(NodeId hint) {
    room_.world().At(room_.world().now() + kPause, [this, hint] { Ask(hint); });
  }

  AuthorityRoom& room_;
  std::vector<NodeId> reachable_;
  Ring ring_;
  std::function<void()> then_;
  std::size_t next_ = 0;
};

AuthorityRoom::AuthorityRoom(Stage& stage, const Options& options)
    : stage_(stage),
      options_(options),
      ledger_(static_cast<std::size_t>(options.administrators) / 2 + 1),
      watch_(ledger_),
      cache_(stage, options.cache),
      witness_(std::make_unique<Witness>(stage.world(), ledger_)) {
  world().Watch(watch_);
  WatchRules(stage, watch_, ledger_, Commands::kUnknown);
  watch_.Add(*witness_);
  world().Watch(*witness_);
  stage.Watch<OneRingAnEpoch>();
  stage.Watch<AnswersAreTrue>(cache_.facts());
  NodeConfig config;
  quorum::paxos::AdministratorConfig own;
  *own.mutable_ring() = cache_.ring();
  config.mutable_lab()->PackFrom(own);
  for (const NodeId node : administrators()) config.add_peers(node);
  for (const NodeId node : administrators()) {
    config.set_self(node);
    stage.AddNode(quorum::paxos::kAdministratorRole, config);
  }
  stage.Step(fmt::format("The administrators {} boot.", fmt::join(administrators(), ", ")));
}

AuthorityRoom::~AuthorityRoom() = default;

std::vector<NodeId> AuthorityRoom::administrators() const {
  std::vector<NodeId> nodes;
  for (int i = 0; i < options_.administrators; ++i) {
    nodes.push_back(kFirstAdministrator + static_cast<NodeId>(i));
  }
  return nodes;
}

NodeId AuthorityRoom::leader() const { return witness_->leader; }

int AuthorityRoom::Entered(std::uint64_t epoch) const {
  int entered = 0;
  for (const NodeId node : cache_.servers()) {
    if (cache_.facts().HighestEpochEver(node) >= epoch) ++entered;
  }
  return entered;
}

std::shared_ptr<const AuthorityRoom::Answer> AuthorityRoom::Ask(
    const std::vector<NodeId>& administrators, const Ring& ring, std::function<void()> then) {
  operators_.push_back(std::make_unique<Operator>(*this, administrators, ring, std::move(then)));
  operators_.back()->Ask();
  return operators_.back()->answer;
}

void AuthorityRoom::LetAskEveryone() {
  for (const auto& one : operators_) one->Reach(administrators());
}

Ring AuthorityRoom::After(const Ring& last, const std::vector<NodeId>& members) {
  Ring next = last;
  next.set_epoch(last.epoch() + 1);
  next.set_previous_epoch(last.epoch());
  next.clear_members();
  for (const NodeId node : members) {
    hash_ring::Member& member = *next.add_members();
    member.set_node(node);
    member.set_weight(1);
  }
  return next;
}

bool AuthorityRoom::AllAnswered() const {
  return std::all_of(operators_.begin(), operators_.end(),
                     [](const auto& one) { return one->answer->given; });
}

void AuthorityRoom::HealAndDemandProgress() {
  stage_.Heal();
  stage_.Step("The faults stop: every process runs, every link works.");
  const bool done = world().RunUntil([this] { return AllAnswered(); }, kAdministratorsPatience);
  stage_.Require(kAuthorityProgress, done,
                 "60 simulated seconds later an operator has not been told what became of its "
                 "ring.");
  stage_.Step("An operator asks for a ring of all nodes.");
  Ring last = cache_.ring();
  for (bool installed = false; !installed;) {
    const auto answer = Ask(administrators(), After(last, cache_.servers()));
    const bool answered = world().RunUntil([&] { return answer->given; }, kAdministratorsPatience);
    stage_.Require(kAuthorityProgress, answered,
                   "60 simulated seconds later it has not been told what became of it.");
    stage_.Require(kAuthorityProgress, answer->installed || answer->last.epoch() > last.epoch(),
                   fmt::format("It is refused, and the last ring is said to be that of epoch {}.",
                               answer->last.epoch()));
    installed = answer->installed;
    last = answer->last;
  }
}

}  // namespace quorum::grader::paxos
