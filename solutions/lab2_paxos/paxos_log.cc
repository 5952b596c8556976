#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/candidate.h"
#include "labs/lab2_paxos/catch_up.h"
#include "labs/lab2_paxos/leader.h"
#include "labs/lab2_paxos/log_store.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

// Several heartbeats must be missed in a row before anyone tries to lead; and at random, so that
// few try at once.
constexpr Duration kShortestElection = 250ms;
constexpr Duration kLongestElection = 500ms;
constexpr Duration kCallTimeout = 200ms;

/// A log of decisions: follows, campaigns and leads, and drives the state machine.
class PaxosLog final : public ReplicatedLog, public LeaderHost {
 public:
  PaxosLog(Env& env, const NodeConfig& config, StateMachine& machine)
      : env_(env),
        config_(config),
        machine_(machine),
        store_(env.storage(), config),
        catch_up_(env, config, store_, [this] { Learn(told_ballot_, told_, told_by_); }) {
    env_.Serve(kPrepareLog, [this](const PrepareLogRequest& request, auto responder) {
      PrepareLog(request, std::move(responder));
    });
    env_.Serve(kAcceptEntries, [this](const AcceptEntriesRequest& request, auto responder) {
      AcceptEntries(request, std::move(responder));
    });
    env_.Serve(kFetch, [this](const FetchRequest& request, auto responder) {
      responder.Reply(catch_up_.Answer(request));
    });
    ApplyDecided();
    AwaitLeader();
  }

  void Propose(std::string_view command,
               absl::AnyInvocable<void(const ProposeOutcome&)> done) override {
    // [solution: Propose it if you lead, and remember who waits for which slot (handout 2C,
    // step 5).]
    const LogIndex index = leader_ ? leader_->next() : 0;
    if (leader_) proposals_[index] = std::move(done);
    if (leader_ && leader_->Propose(command)) return;
    if (index > 0) {
      auto waiting = proposals_.extract(index);
      if (waiting.empty()) return;  // it has heard already that the leadership is lost
      done = std::move(waiting.mapped());
    }
    done({.kind = ProposeOutcome::Kind::kNotLeader, .leader_hint = leader_id_});
    // [end]
  }

  void ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) override {
    // [solution: Confirm with a quorum that you lead, once announced (handout 2C, step 7).]
    if (!leader_) return done(absl::UnavailableError("This node does not lead."));
    if (!announced_) return void(early_reads_.push_back(std::move(done)));
    // This node has applied everything that it knows to be decided. If it still leads, nobody else
    // has decided anything beyond that.
    leader_->Confirm(std::move(done));
    // [end]
  }

  void DiscardUpTo(LogIndex index, std::string snapshot) override {
    // [solution: Keep the snapshot instead of the entries (handout 2D, step 2).]
    Snapshot kept;
    kept.set_index(index);
    kept.set_state(std::move(snapshot));
    store_.KeepSnapshot(kept).IgnoreError();  // on a full disk the entries just stay
    // [end]
  }

  NodeId leader() const override { return leader_id_; }

 private:
  using ProposeDone = absl::AnyInvocable<void(const ProposeOutcome&)>;
  using ReadDone = absl::AnyInvocable<void(const absl::Status&)>;

  void PrepareLog(const PrepareLogRequest& request, Responder<PrepareLogResponse> responder) {
    // [solution: Promise the ballot for all slots unless more was promised (handout 2C, step 2).]
    if (!store_.votes()) return responder.Fail(LostDisk());
    if (request.ballot() < store_.promised()) {
      PrepareLogResponse response;
      *response.mutable_ballot() = store_.promised();
      return responder.Reply(response);
    }
    StepDown();
    if (const absl::Status written = store_.Promise(request.ballot()); !written.ok()) {
      return responder.Fail(written);
    }
    responder.Reply(store_.Report(request.committed()));
    // [end]
  }

  void AcceptEntries(const AcceptEntriesRequest& request,
                     Responder<AcceptEntriesResponse> responder) {
    // [solution: Accept unless more was promised; learn what is decided (handout 2C, step 6).]
    const NodeId from = request.ballot().node();
    if (!store_.votes()) {
      catch_up_.Want(request.committed(), from);
      return responder.Fail(LostDisk());
    }
    AcceptEntriesResponse response;
    if (request.ballot() < store_.promised()) {
      *response.mutable_ballot() = store_.promised();
      return responder.Reply(response);
    }
    StepDown();
    const absl::Status written = store_.Accept(request.ballot(), request.entries());
    if (!written.ok()) return responder.Fail(written);
    leader_id_ = from;
    response.set_accepted(true);
    *response.mutable_ballot() = request.ballot();
    responder.Reply(response);
    Learn(request.ballot(), request.committed(), from);
    // [end]
  }

  static absl::Status LostDisk() {
    return absl::FailedPreconditionError("This node has lost its disk, and only learns.");
  }

  // -- Campaigning.

  void AwaitLeader() {
    election_ =
        env_.After(env_.RandomBetween(kShortestElection, kLongestElection), [this] { Campaign(); });
  }

  void Campaign() {
    // [solution: Promise yourself a higher ballot, and ask everyone (handout 2C, step 3).]
    AwaitLeader();
    if (leader_ || !store_.votes()) return;
    leader_id_ = 0;
    const std::uint64_t highest = std::max(seen_, store_.promised().round());
    const Ballot ballot = MakeBallot(highest + 1, config_.self());
    // Durable before anyone sees it: after a restart the next ballot is higher.
    if (!store_.Promise(ballot).ok()) return;
    candidate_.emplace(ballot, QuorumOf(config_));
    PrepareLogRequest request;
    *request.mutable_ballot() = ballot;
    request.set_committed(store_.committed());
    for (const NodeId peer : config_.peers()) {
      if (peer == config_.self()) continue;
      env_.Call(peer, kPrepareLog, request, kCallTimeout,
                [this, peer, ballot](const absl::StatusOr<PrepareLogResponse>& response) {
                  if (!response.ok() || !candidate_ || !(candidate_->ballot() == ballot)) return;
                  OnPromise(peer, *response);
                });
    }
    OnPromise(config_.self(), store_.Report(store_.committed()));
    // [end]
  }

  void OnPromise(NodeId from, const PrepareLogResponse& response) {
    // [solution: With a quorum of promises, lead (handout 2C, steps 3 and 4).]
    if (!response.promised()) return OnOutvoted(response.ballot());
    if (!candidate_->AddPromise(from, response)) return;
    const Candidate won = *std::exchange(candidate_, std::nullopt);
    leader_ = std::make_shared<Leader>(env_, config_, store_, won.ballot(), *this);
    leader_id_ = config_.self();
    inherited_ = won.decided();
    Learn(won.ballot(), won.decided(), won.knows_decided());
    leader_->Begin(won.decided(), won.Proposals());
    // [end]
  }

  // -- Leading.

  void OnDecided(LogIndex index) override {
    // [solution: Learn it, as a follower does that hears of it from its leader (handout 2C,
    // step 6).]
    Learn(leader_->ballot(), index, told_by_);
    // [end]
  }

  void OnOutvoted(const Ballot& promised) override {
    seen_ = std::max(seen_, promised.round());
    StepDown();
  }

  void OnHelpless() override { StepDown(); }

  void StepDown() {
    // [solution: Stop to campaign and to lead, and tell whoever waits (handout 2C, step 8).]
    candidate_.reset();
    AwaitLeader();
    const auto over = std::exchange(leader_, nullptr);
    if (!over) return;
    leader_id_ = 0;
    const bool announced = std::exchange(announced_, false);
    if (announced) machine_.OnLeadershipLost(EpochOf(over->ballot()));
    over->End();
    std::map<LogIndex, ProposeDone> proposals = std::exchange(proposals_, {});
    for (auto& [index, done] : proposals) done({.kind = ProposeOutcome::Kind::kUnknown});
    std::vector<ReadDone> reads = std::exchange(early_reads_, {});
    for (ReadDone& done : reads) done(absl::UnavailableError("This node leads no more."));
    // [end]
  }

  // -- Learning.

  /// Everything up to `index` is decided. What was accepted under `ballot` is the decision: its
  /// proposer says so. The rest may be something else; `from` has it.
  void Learn(const Ballot& ballot, LogIndex index, NodeId from) {
    // [solution: Commit what fits the ballot, and fetch the rest (handout 2C, step 6; 2D, step 1).]
    told_ballot_ = ballot;
    told_ = index;
    told_by_ = from;
    LogIndex known = store_.committed();
    for (; known < index; ++known) {
      const Entry* entry = store_.Find(known + 1);
      if (entry == nullptr || !(entry->ballot() == ballot)) break;
    }
    store_.Commit(known);
    ApplyDecided();
    catch_up_.Want(leader_ ? std::min(index, inherited_) : index, from);
    // [end]
  }

  void ApplyDecided() {
    // [solution: Apply every decided slot once and in order (handout 2C, step 6).]
    if (applying_) return;  // whoever is told below may propose, and be here again
    applying_ = true;
    while (applied_ < store_.committed()) {
      if (applied_ < store_.snapshot().index()) {
        Restore();
      } else {
        ApplyNext();
      }
    }
    applying_ = false;
    // [end]
  }

  void Restore() {
    // [solution: Give the state machine the snapshot instead of commands (handout 2D, step 3).]
    applied_ = store_.snapshot().index();
    const absl::Status restored = machine_.Restore(applied_, store_.snapshot().state());
    Check(restored.ok(), "A state machine restores what it has made itself.");
    // [end]
  }

  void ApplyNext() {
    // [solution: Apply one slot, answer its proposer, announce a leadership (handout 2C, step 6).]
    const Entry entry = *store_.Find(++applied_);
    ProposeOutcome outcome{.kind = ProposeOutcome::Kind::kApplied, .index = applied_};
    if (!entry.no_op()) outcome.result = machine_.Apply(applied_, entry.command());
    if (leader_ && applied_ == leader_->first_own()) Announce();
    // Only a leadership that lasts has proposals that wait, and in its slots nothing else is
    // decided than what it has proposed there.
    if (auto waiting = proposals_.extract(applied_)) waiting.mapped()(outcome);
    // [end]
  }

  void Announce() {
    // [solution: Tell the state machine, and let early reads go on (handout 2C, step 7).]
    announced_ = true;
    machine_.OnLeadership(EpochOf(leader_->ballot()));
    std::vector<ReadDone> reads = std::exchange(early_reads_, {});
    for (ReadDone& done : reads) ReadBarrier(std::move(done));
    // [end]
  }

  Env& env_;
  const NodeConfig config_;
  StateMachine& machine_;
  LogStore store_;
  CatchUp catch_up_;

  NodeId leader_id_ = 0;
  std::uint64_t seen_ = 0;  // the highest round that anyone has mentioned
  Timer election_;
  std::optional<Candidate> candidate_;
  std::shared_ptr<Leader> leader_;
  LogIndex inherited_ = 0;  // the slots up to here were decided before this leadership
  bool announced_ = false;

  Ballot told_ballot_;  // what was heard last of decisions, and from whom
  LogIndex told_ = 0;
  NodeId told_by_ = 0;
  LogIndex applied_ = 0;
  bool applying_ = false;
  std::map<LogIndex, ProposeDone> proposals_;  // of this leadership
  std::vector<ReadDone> early_reads_;          // they wait for the announcement
};

}  // namespace

std::unique_ptr<ReplicatedLog> MakePaxosLog(Env& env, const NodeConfig& config,
                                            StateMachine& machine) {
  return std::make_unique<PaxosLog>(env, config, machine);
}

}  // namespace quorum::paxos
