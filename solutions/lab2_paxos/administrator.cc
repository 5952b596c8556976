#include "labs/lab2_paxos/administrator.h"

#include <string>
#include <utility>
#include <vector>

#include "common/env/not_written.h"
#include "labs/lab1_hash_ring/cache.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;
using hash_ring::kInstallRing;
using hash_ring::Ring;

// A cache node answers InstallRing when others have entered the ring, too.
constexpr Duration kCallTimeout = 300ms;
constexpr Duration kPause = 50ms;
constexpr int kSnapshotEvery = 50;

/// Which ring is the next one is decided by the log; the administrator that leads it installs in
/// the cache what was decided.
class Administrator final : public Node, public StateMachine {
 public:
  Administrator(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log) : env_(env) {
    AdministratorConfig own;
    config.lab().UnpackTo(&own);
    *rings_.add_rings() = own.ring();
    env_.Serve(kChangeRing, [this](const ChangeRingRequest& request, auto responder) {
      ChangeRing(request.ring(), std::move(responder));
    });
    log_ = make_log(env, config, *this);  // which tells at once what it has
  }

  // -- The state machine: equal at every administrator that has applied the same commands.

  /// Returns nothing if a ring was decided, and otherwise what to answer: a ChangeRingResponse.
  std::string Apply(LogIndex index, std::string_view bytes) override {
    // [solution: Take the ring if it follows the last one; forget what is installed (handout 2E,
    // step 1).]
    RingCommand command;
    Check(command.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())),
          "A log applies commands that were proposed.");
    applied_ = index;
    ++applied_since_snapshot_;
    while (rings_.rings_size() > 1 && rings_.rings(0).epoch() < command.installed()) {
      rings_.mutable_rings()->DeleteSubrange(0, 1);
    }
    // Not from within Apply: the log is in the middle of something.
    work_ = env_.After(0ms, [this] { Work(); });
    return !command.has_decide() || Decide(command.decide()) ? "" : Refusal();
    // [end]
  }

  std::string Snapshot() const override {
    // [solution: Return the rings as bytes (handout 2E, step 1).]
    return rings_.SerializeAsString();
    // [end]
  }

  absl::Status Restore(LogIndex index, std::string_view snapshot) override {
    // [solution: Take the rings from such bytes (handout 2E, step 1).]
    Check(rings_.ParseFromArray(snapshot.data(), static_cast<int>(snapshot.size())),
          "A snapshot is restored as it was made.");
    applied_ = index;
    applied_since_snapshot_ = 0;
    return absl::OkStatus();
    // [end]
  }

  void OnLeadership(std::uint64_t epoch) override {
    // [solution: Go on with what an earlier leader had decided and perhaps not installed (handout
    // 2E, step 3).]
    leads_ = true;
    work_ = env_.After(0ms, [this] { Work(); });
    // [end]
  }

  void OnLeadershipLost(std::uint64_t epoch) override {
    // [solution: Whoever waits has to ask another administrator (handout 2E, step 3).]
    leads_ = false;
    asking_ = false;
    std::vector<Waiting> waiting = std::exchange(waiting_, {});
    for (Waiting& one : waiting) Answer(one.responder, ChangeRingResponse::UNKNOWN);
    // [end]
  }

 private:
  struct Waiting {
    std::uint64_t epoch;
    Responder<ChangeRingResponse> responder;
  };

  const Ring& Last() const { return rings_.rings(rings_.rings_size() - 1); }

  /// Whether `ring` is now the ring of its epoch.
  bool Decide(const Ring& ring) {
    // [solution: Say yes also when the very same ring was decided before (handout 2E, step 1).]
    for (const Ring& decided : rings_.rings()) {
      // Not another ring, but the same request again.
      if (decided.SerializeAsString() == ring.SerializeAsString()) return true;
    }
    const std::uint64_t last = Last().epoch();
    if (ring.previous_epoch() != last || ring.epoch() != last + 1) return false;
    if (ring.members().empty()) return false;  // nobody could ever enter it
    *rings_.add_rings() = ring;
    return true;
    // [end]
  }

  std::string Refusal() const {
    ChangeRingResponse response;
    response.set_outcome(ChangeRingResponse::REFUSED);
    *response.mutable_ring() = Last();
    return response.SerializeAsString();
  }

  static void Answer(Responder<ChangeRingResponse>& responder,
                     ChangeRingResponse::Outcome outcome) {
    ChangeRingResponse response;
    response.set_outcome(outcome);
    responder.Reply(response);
  }

  // -- What operators ask.

  void ChangeRing(const Ring& ring, Responder<ChangeRingResponse> responder) {
    // [solution: Propose the ring, and tell what became of it (handout 2E, step 2).]
    RingCommand command;
    *command.mutable_decide() = ring;
    log_->Propose(command.SerializeAsString(),
                  [this, epoch = ring.epoch(),
                   responder = std::move(responder)](const ProposeOutcome& outcome) mutable {
                    if (outcome.kind == ProposeOutcome::Kind::kApplied && outcome.result.empty()) {
                      waiting_.push_back({epoch, std::move(responder)});
                      return;
                    }
                    ChangeRingResponse response;
                    if (outcome.kind == ProposeOutcome::Kind::kApplied) {
                      response.ParseFromString(outcome.result);
                    } else if (outcome.kind == ProposeOutcome::Kind::kNotLeader) {
                      response.set_outcome(ChangeRingResponse::NOT_LEADER);
                      response.set_leader_hint(outcome.leader_hint);
                    }
                    responder.Reply(response);
                  });
    // [end]
  }

  void AnswerWaiting() {
    // [solution: Answer those whose ring, or a later one, is installed (handout 2E, step 3).]
    std::vector<Waiting> waiting = std::exchange(waiting_, {});
    for (Waiting& one : waiting) {
      if (one.epoch <= rings_.rings(0).epoch()) {
        Answer(one.responder, ChangeRingResponse::INSTALLED);
      } else {
        waiting_.push_back(std::move(one));
      }
    }
    // [end]
  }

  // -- What the leader does about it.

  void Work() {
    // [solution: Hand over a snapshot now and then, and install what is not known to be installed
    // (handout 2E, steps 3 and 4).]
    if (applied_since_snapshot_ >= kSnapshotEvery) {
      applied_since_snapshot_ = 0;
      log_->DiscardUpTo(applied_, Snapshot());
    }
    AnswerWaiting();
    if (leads_ && !asking_) Install();
    // [end]
  }

  void Install() {
    // [solution: Ask one member of the last ring after the other to install it (handout 2E, step
    // 3).]
    if (rings_.rings_size() == 1) return;
    hash_ring::InstallRingRequest request;
    *request.mutable_ring() = Last();
    for (int i = 1; i + 1 < rings_.rings_size(); ++i) *request.add_unanswered() = rings_.rings(i);
    asking_ = true;
    const NodeId member =
        Last().members(static_cast<int>(next_member_++ % Last().members_size())).node();
    env_.Call(member, kInstallRing, request, kCallTimeout,
              [this, epoch = Last().epoch()](
                  const absl::StatusOr<hash_ring::InstallRingResponse>& response) {
                asking_ = false;
                if (!leads_) return;
                if (response.ok()) return NoteInstalled(epoch);
                work_ = env_.After(kPause, [this] { Work(); });
              });
    // [end]
  }

  /// It becomes known to all administrators, so that none of them ever installs it again.
  void NoteInstalled(std::uint64_t epoch) {
    // [solution: Propose that it is installed (handout 2E, step 3).]
    RingCommand command;
    command.set_installed(epoch);
    log_->Propose(command.SerializeAsString(), [this](const ProposeOutcome& outcome) {
      if (outcome.kind != ProposeOutcome::Kind::kApplied) {
        work_ = env_.After(kPause, [this] { Work(); });  // as long as this node leads
      }
    });
    // [end]
  }

  Env& env_;
  hash_ring::RingHistory rings_;  // the last one that is known to be installed, and all since
  LogIndex applied_ = 0;
  int applied_since_snapshot_ = 0;
  bool leads_ = false;
  bool asking_ = false;
  std::uint64_t next_member_ = 0;
  std::vector<Waiting> waiting_;  // for a ring to be installed
  Timer work_;
  std::unique_ptr<ReplicatedLog> log_;  // last: it may use all of the above
};

}  // namespace

std::unique_ptr<Node> MakeAdministrator(Env& env, const NodeConfig& config,
                                        ReplicatedLogFactory make_log) {
  return std::make_unique<Administrator>(env, config, make_log);
}

}  // namespace quorum::paxos
