// Who is on the ring of lab 1: ephemeral files say who is there, events when that changes, and a
// file what was decided.
#include "labs/lab4_lock_service/ring_keeper.h"

#include <charconv>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/administrator.h"
#include "labs/lab4_lock_service/local_user.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;
using paxos::ChangeRingRequest;
using paxos::ChangeRingResponse;

constexpr Duration kTry = 1s;  // it has to be installed, too
constexpr Duration kShortestPause = 20ms;
constexpr Duration kLongestPause = 60ms;

class RingKeeper final : public Node {
 public:
  RingKeeper(Env& env, const NodeConfig& config)
      : env_(env),
        own_(OwnConfig<RingKeeperConfig>(config)),
        ring_(own_.ring()),
        library_(env, LibraryConfig(config, own_)) {
    env_.Serve(kGetRing, [this](const GetRingRequest&, Responder<GetRingResponse> responder) {
      GetRingResponse response;
      *response.mutable_ring() = ring_;
      responder.Reply(response);
    });
    Watch();
    Listen();
  }

 private:
  /// In each session once: opens the file of the ring, and the directory, to be told who comes and
  /// goes.
  void Watch() {
    NotWritten("Open the file, and the directory with the wish for events of its children, then "
               "look (handout 4E, step 5).");
  }

  void WatchLater() {
    retry_ = env_.After(kLongestPause, [this] { Watch(); });
  }

  void WatchDirectory() {
    NotWritten("See above (handout 4E, step 5).");
  }

  void Listen() {
    NotWritten("Look again when somebody has come or gone, and watch again in the next session "
               "(handout 4E, step 5).");
  }

  void Look() {
    NotWritten("Read who is announced, and change the ring if need be (handout 4E, step 5).");
  }

  /// Goes on when the file says what this keeper knows, and the reverse.
  void Publish() {
    NotWritten("Learn from the file what another keeper has published, or you before you died; "
               "write what it does not know, unless it has changed since (handout 4E, step 5).");
  }

  void Write(const std::string& contents, std::uint64_t generation) {
    NotWritten("See above (handout 4E, step 5).");
  }

  /// Has the ring changed, unless it is about to be.
  void Steer() {
    NotWritten("Ask for the next ring, one at a time (handout 4E, step 5).");
  }

  void AskFor(const ChangeRingRequest& request) {
    NotWritten("Ask one administrator after the other, for the very same ring, until it is "
               "installed, or another one is in its place (handout 4E, step 5).");
  }

  void Follow(const hash_ring::Ring& decided) {
    NotWritten("This is the last ring now. Is it what it should be (handout 4E, step 5)?");
  }

  Env& env_;
  const RingKeeperConfig own_;
  hash_ring::Ring ring_;  // the last one that is known to be decided
  std::uint64_t file_ = 0;
  std::uint64_t directory_ = 0;
  std::set<NodeId> announced_;
  std::set<NodeId> known_;  // who was ever announced
  bool asking_ = false;
  bool publishing_ = false;
  std::uint32_t turn_ = 0;
  std::uint64_t last_event_ = 0;
  Timer again_;
  Timer retry_;
  Timer pause_;
  LocalUser library_;  // last: it is destroyed first
};

}  // namespace

std::optional<hash_ring::Ring> NextRing(const hash_ring::Ring& ring,
                                        const std::set<NodeId>& announced,
                                        const std::set<NodeId>& known) {
  NotWritten("Say who comes and who may go; epochs follow each other (handout 4E, step 5).");
}

std::unique_ptr<Node> MakeRingKeeper(Env& env, const NodeConfig& config) {
  return std::make_unique<RingKeeper>(env, config);
}

}  // namespace quorum::lock_service
