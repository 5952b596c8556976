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
    NotWritten(
        "Propose it if you lead, and remember who waits for which slot (handout 2C, step 5).");
  }

  void ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) override {
    NotWritten("Confirm with a quorum that you lead, once announced (handout 2C, step 7).");
  }

  void DiscardUpTo(LogIndex index, std::string snapshot) override {
    NotWritten("Keep the snapshot instead of the entries (handout 2D, step 2).");
  }

  NodeId leader() const override { return leader_id_; }

 private:
  using ProposeDone = absl::AnyInvocable<void(const ProposeOutcome&)>;
  using ReadDone = absl::AnyInvocable<void(const absl::Status&)>;

  void PrepareLog(const PrepareLogRequest& request, Responder<PrepareLogResponse> responder) {
    NotWritten("Promise the ballot for all slots unless more was promised (handout 2C, step 2).");
  }

  void AcceptEntries(const AcceptEntriesRequest& request,
                     Responder<AcceptEntriesResponse> responder) {
    NotWritten("Accept unless more was promised; learn what is decided (handout 2C, step 6).");
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
    NotWritten("Promise yourself a higher ballot, and ask everyone (handout 2C, step 3).");
  }

  void OnPromise(NodeId from, const PrepareLogResponse& response) {
    NotWritten("With a quorum of promises, lead (handout 2C, steps 3 and 4).");
  }

  // -- Leading.

  void OnDecided(LogIndex index) override {
    NotWritten(
        "Learn it, as a follower does that hears of it from its leader (handout 2C, step 6).");
  }

  void OnOutvoted(const Ballot& promised) override {
    seen_ = std::max(seen_, promised.round());
    StepDown();
  }

  void OnHelpless() override { StepDown(); }

  void StepDown() {
    NotWritten("Stop to campaign and to lead, and tell whoever waits (handout 2C, step 8).");
  }

  // -- Learning.

  /// Everything up to `index` is decided. What was accepted under `ballot` is the decision: its
  /// proposer says so. The rest may be something else; `from` has it.
  void Learn(const Ballot& ballot, LogIndex index, NodeId from) {
    NotWritten("Commit what fits the ballot, and fetch the rest (handout 2C, step 6; 2D, step 1).");
  }

  void ApplyDecided() {
    NotWritten("Apply every decided slot once and in order (handout 2C, step 6).");
  }

  void Restore() {
    NotWritten("Give the state machine the snapshot instead of commands (handout 2D, step 3).");
  }

  void ApplyNext() {
    NotWritten("Apply one slot, answer its proposer, announce a leadership (handout 2C, step 6).");
  }

  void Announce() {
    NotWritten("Tell the state machine, and let early reads go on (handout 2C, step 7).");
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
