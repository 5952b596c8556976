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
    NotWritten(
        "Take the ring if it follows the last one; forget what is installed (handout 2E, step 1).");
  }

  std::string Snapshot() const override {
    NotWritten("Return the rings as bytes (handout 2E, step 1).");
  }

  absl::Status Restore(LogIndex index, std::string_view snapshot) override {
    NotWritten("Take the rings from such bytes (handout 2E, step 1).");
  }

  void OnLeadership(std::uint64_t epoch) override {
    NotWritten("Go on with what an earlier leader had decided and perhaps not installed (handout "
               "2E, step 3).");
  }

  void OnLeadershipLost(std::uint64_t epoch) override {
    NotWritten("Whoever waits has to ask another administrator (handout 2E, step 3).");
  }

 private:
  struct Waiting {
    std::uint64_t epoch;
    Responder<ChangeRingResponse> responder;
  };

  const Ring& Last() const { return rings_.rings(rings_.rings_size() - 1); }

  /// Whether `ring` is now the ring of its epoch.
  bool Decide(const Ring& ring) {
    NotWritten("Say yes also when the very same ring was decided before (handout 2E, step 1).");
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
    NotWritten("Propose the ring, and tell what became of it (handout 2E, step 2).");
  }

  void AnswerWaiting() {
    NotWritten("Answer those whose ring, or a later one, is installed (handout 2E, step 3).");
  }

  // -- What the leader does about it.

  void Work() {
    NotWritten("Hand over a snapshot now and then, and install what is not known to be installed "
               "(handout 2E, steps 3 and 4).");
  }

  void Install() {
    NotWritten(
        "Ask one member of the last ring after the other to install it (handout 2E, step 3).");
  }

  /// It becomes known to all administrators, so that none of them ever installs it again.
  void NoteInstalled(std::uint64_t epoch) {
    NotWritten("Propose that it is installed (handout 2E, step 3).");
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
