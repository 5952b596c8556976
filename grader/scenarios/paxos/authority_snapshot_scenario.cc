// Part 2E: an administrator that comes back when the log has forgotten what it missed.

#include <fmt/format.h>

#include "grader/scenarios/paxos/authority_room.h"

namespace quorum::grader::paxos {
namespace {

constexpr Statement kRestored = {
    "paxos.snapshot-has-the-rings",
    "An administrator that has the rings from a snapshot decides as one that has applied every "
    "command: it takes the ring after the last one.",
    "handout 2E, step 1"};

constexpr char kSnapshotReached[] = "the administrator that was away was given a snapshot";
constexpr char kLed[] = "it came to lead";

// Each takes two commands: one that decides it, one that says that it is installed.
constexpr int kRings = 60;

/// Sees a snapshot become durable at one node.
class SnapshotAt final : public sim::Monitor {
 public:
  explicit SnapshotAt(NodeId node) : node_(node) {}

  void OnDurable(NodeId node, const WriteBatch& batch) override {
    for (const WriteBatch::Change& change : batch.changes()) {
      reached = reached || (node == node_ && change.key == quorum::paxos::kSnapshotKey);
    }
  }

  bool reached = false;

 private:
  NodeId node_;
};

/// Has `ring` installed, by whoever is there.
void Install(AuthorityRoom& room, const Ring& ring) {
  const auto answer = room.Ask(room.administrators(), ring);
  room.world().RunUntil([&] { return answer->given; }, 60 * kSecond);
  room.stage().Require(
      kRestored, answer->installed,
      fmt::format("The ring of epoch {} is asked for by one operator, and {}.", ring.epoch(),
                  answer->given ? "refused"
                                : "60 simulated seconds later it is "
                                  "not installed"));
}

/// Kills whoever leads, until `node` does; 20 times at most.
void LetLead(AuthorityRoom& room, NodeId node) {
  for (int turn = 0; turn < 20 && room.leader() != node; ++turn) {
    const NodeId other = room.leader();
    room.world().Crash(other, true);
    room.world().RunUntil([&] { return room.leader() != other; }, 20 * kSecond);
    room.world().Boot(other);
    room.world().RunFor(200 * kMillisecond);
  }
  if (room.leader() == node) room.stage().Observe(kLed);
}

void PlayLateAdministrator(Stage& stage) {
  AuthorityRoom room(stage, {.administrators = 3,
                             .cache = {.nodes = 3, .clients = 1, .replicas = 2, .watched = false}});
  room.world().RunUntil([&] { return room.leader() != 0; }, 20 * kSecond);
  const NodeId late = room.administrators()[room.leader() == room.administrators()[0] ? 1 : 0];
  room.world().Crash(late, true);
  Ring ring = room.cache().ring();
  for (int i = 0; i < kRings; ++i) {
    ring = AuthorityRoom::After(ring, room.cache().servers());
    Install(room, ring);
  }
  stage.Step(fmt::format("Administrator {} is away while {} rings are installed.", late, kRings));
  SnapshotAt snapshot(late);
  room.world().Watch(snapshot);
  room.world().Boot(late);
  room.world().RunUntil([&] { return snapshot.reached; }, 20 * kSecond);
  if (snapshot.reached) stage.Observe(kSnapshotReached);
  stage.Step("It is back. Whoever leads loses power, until it leads itself.");
  LetLead(room, late);
  ring = AuthorityRoom::After(ring, room.cache().servers());
  Install(room, ring);
  room.world().Crash(late, true);
  room.world().Boot(late);
  stage.Step("It restarts, and has the rings from its disk.");
  room.world().RunFor(kSecond);
  LetLead(room, late);
  ring = AuthorityRoom::After(ring, room.cache().servers());
  Install(room, ring);
}

}  // namespace

Scenario LateAdministrator() {
  return {.lab = "paxos",
          .part = "2E",
          .name = "LateAdministrator",
          .story =
              "An administrator is away while so many rings are installed that the others have "
              "discarded the first ones behind a snapshot. It comes back, has the rings from "
              "there, and leads; and once more from its own disk.",
          .points = 2,
          .seeds = 20,
          .must_observe = {kSnapshotReached, kLed},
          .play = PlayLateAdministrator};
}

}  // namespace quorum::grader::paxos
