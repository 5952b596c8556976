// Named schedules of a whole cluster: what a link, a process or a disk may do to whoever leads.

#include <fmt/format.h>

#include "grader/scenarios/raft/stability.h"

namespace quorum::grader::raft {
namespace {

using faults::Profile;

constexpr char kFlapped[] = "a link failed again and again while commands were executed";
constexpr char kAskedDeaf[] = "a leader that heard nobody was asked to append more than once";
constexpr char kWokeDeposed[] = "a stopped leader woke when another one had executed commands";
constexpr char kAskedFull[] = "a leader was asked to append while its disk was full";
constexpr char kRaced[] = "a server was sent AppendEntries when a snapshot was on its way to it";

/// Parts 3A to 3C do without snapshots.
/// Cuts all links that lead from `from`, or to `to` (0: none), or mends them.
void CutOneWay(RaftRoom& room, NodeId from, NodeId to, bool cut) {
  for (const auto& [other, machine] : room.world().machines()) {
    const NodeId source = from != 0 ? from : other;
    const NodeId target = to != 0 ? to : other;
    if (source == target) continue;
    auto& network = room.world().network();
    cut ? network.Cut(source, target) : network.Mend(source, target);
  }
}

void PlayFlappingLink(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  const NodeId leader = room.AwaitLeader();
  const NodeId other = leader % static_cast<NodeId>(room.nodes()) + 1;
  faults::Link flapping;
  flapping.set_flap_ns(stage.random().Between(5, 120) * kMillisecond);
  room.world().network().SetLink(leader, other, flapping);
  room.world().network().SetLink(other, leader, flapping);
  stage.Step(
      fmt::format("Server {} leads. From now on the link between it and server {} is cut "
                  "every other {} ms.",
                  leader, other, flapping.flap_ns() / kMillisecond));
  room.StartClients(2, 20, 30 * kMillisecond);
  for (int command = 0; command < 30; ++command) {
    room.PutAtLeader(fmt::format("{}", command));
    room.world().RunFor(stage.random().Between(0, 60) * kMillisecond);
  }
  stage.Observe(kFlapped);
  room.world().network().SetLink(leader, other, faults::Link());
  room.world().network().SetLink(other, leader, faults::Link());
  room.HealAndDemandProgress();
  DemandStableLeader(stage, room);
}

/// Its messages arrive, and the answers do not.
void PlayDeafLeader(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.PutAtLeader("begin");
  const NodeId leader = room.AwaitLeader();
  CutOneWay(room, 0, leader, true);
  stage.Step(
      fmt::format("Server {} leads, and hears nobody from now on; the others hear it, and "
                  "clients go on to ask it.",
                  leader));
  const auto commands = stage.random().Between(12, 40);
  for (std::int64_t command = 0; command < commands; ++command) {
    room.AppendAt(leader, fmt::format("deaf {} ", command));
    room.ReadAt(leader);
    room.world().RunFor(stage.random().Between(10, 120) * kMillisecond);
  }
  stage.Observe(kAskedDeaf);
  CutOneWay(room, 0, leader, false);
  stage.Step("It hears the others again.");
  room.PutAtLeader("again");
  room.HealAndDemandProgress();
}

/// Counts what one server sends as a leader.
class SentByLeader final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (message.from != leader || message.is_response) return;
    if (path == quorum::raft::kAppendEntries.path) ++sent;
  }
  NodeId leader = 0;
  std::uint64_t sent = 0;
};

/// The others hear nothing of it, and it hears everything.
void PlayMuteLeader(Stage& stage) {
  SentByLeader counter;
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.world().Watch(counter);
  const NodeId mute = room.AwaitElected();
  const Term term = room.ledger().latest_term();
  counter.leader = mute;
  CutOneWay(room, mute, 0, true);
  stage.Step(
      fmt::format("Server {} leads term {}. From now on nothing that it sends arrives, and "
                  "it hears the others.",
                  mute, term));
  const NodeId next = room.AwaitElected(term);
  stage.Step(fmt::format("Server {} is elected in term {}.", next, room.ledger().latest_term()));
  room.world().RunFor(stage.random().Between(300, 800) * kMillisecond);
  if (room.elected() != 0 && room.elected() != mute) {
    counter.sent = 0;
    room.world().RunFor(500 * kMillisecond);
    stage.Require(
        kDeposedFollows, counter.sent == 0 || room.elected() == mute,
        fmt::format("Server {} leads term {}, of which server {} hears. It has led term "
                    "{}, and within 500 ms it sends {} AppendEntries.",
                    room.elected(), room.ledger().latest_term(), mute, term, counter.sent));
  }
  CutOneWay(room, mute, 0, false);
  DemandStableLeader(stage, room);
}

/// As by SIGSTOP and SIGCONT: to itself no time has passed.
void PlayPausedLeader(Stage& stage) {
  SentByLeader counter;
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.world().Watch(counter);
  room.PutAtLeader("old");
  for (int round = 0; round < 3; ++round) {
    const NodeId paused = room.AwaitLeader();
    for (int command = 0; command < 3; ++command) {
      room.AppendAt(paused, fmt::format("in vain {} ", command));
    }
    counter = {};
    counter.leader = paused;
    room.world().RunUntil([&] { return counter.sent > 0; }, kSecond);
    room.world().Pause(paused);
    // The answers to what it has just sent wait for it; of what comes then it may hear nothing.
    room.world().RunFor(10 * kMillisecond);
    const bool cut = stage.random().Below(2) == 0;
    if (cut) room.CutOff(paused, true);
    const bool another =
        room.world().RunUntil([&] { return room.tap().leader() != paused; }, 20 * kSecond);
    stage.Require(kElection, another,
                  fmt::format("Server {}, which led, is stopped; 20 simulated seconds later no "
                              "other one leads.",
                              paused));
    for (int command = 0; command < 3; ++command) room.PutAtLeader(fmt::format("new {}", command));
    room.ReadAt(paused);
    room.AppendAt(paused, "late ");
    room.world().RunFor(stage.random().Between(0, 500) * kMillisecond);
    room.world().Resume(paused);
    stage.Observe(kWokeDeposed);
    stage.Step(
        fmt::format("Server {}, which led, was stopped, and wakes when server {} leads. A "
                    "client reads there.",
                    paused, room.tap().leader()));
    room.ReadAt(paused);
    room.world().RunFor(stage.random().Between(100, 400) * kMillisecond);
    if (cut) room.CutOff(paused, false);
  }
  room.HealAndDemandProgress();
}

void PlayFullLeader(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.PutAtLeader("begin");
  room.StartClients(3, 20, 60 * kMillisecond);
  for (int round = 0; round < 3; ++round) {
    const NodeId leader = room.AwaitLeader();
    room.world().machine(leader).disk.full = true;
    for (int command = 0; command < 5; ++command) {
      room.AppendAt(leader, fmt::format("{}.{} ", round, command));
    }
    stage.Observe(kAskedFull);
    room.world().RunFor(stage.random().Between(200, 1500) * kMillisecond);
    if (stage.random().Below(2) == 0) room.world().Crash(leader, true);
    room.world().machine(leader).disk.full = false;
    room.world().Boot(leader);
  }
  stage.Step("Three times the disk of whoever leads is full for a while; then the server may die.");
  room.HealAndDemandProgress();
}

/// Notices what is sent to a server while a piece of a snapshot is on its way there.
class Race final : public sim::Monitor {
 public:
  explicit Race(Stage& stage) : stage_(stage) {}
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (path == quorum::raft::kInstallSnapshot.path) {
      message.is_response ? void(receiving_.erase(message.from))
                          : void(receiving_.insert(message.to));
    } else if (path == quorum::raft::kAppendEntries.path && !message.is_response) {
      if (receiving_.contains(message.to)) stage_.Observe(kRaced);
    }
  }

 private:
  Stage& stage_;
  std::set<NodeId> receiving_;
};

/// Snapshots at every fifth command, and messages that overtake each other.
void PlaySnapshotRacesAppend(Stage& stage) {
  Race race(stage);
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = 5});
  room.world().Watch(race);
  const NodeId leader = room.AwaitLeader();
  const NodeId late = leader % static_cast<NodeId>(room.nodes()) + 1;
  room.CutOff(late, true);
  room.AppendInTurn(60, 1'500);
  room.CutOff(late, false);
  stage.Step(fmt::format("Server {} misses 60 commands, of which snapshots are taken, and is back.",
                         late));
  room.StartClients(4, 25, 20 * kMillisecond);
  room.LetThingsGoWrongFor(kSecond);
  room.HealAndDemandProgress();
}

/// Clocks jump, stand still, and run at different speeds: safety does not know the time.
void PlayWrongClocks(Stage& stage) {
  RaftRoom room(
      stage,
      {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots, .clocks_out_of_bound = true});
  room.AwaitLeader();
  room.StartClients(4, 25, 80 * kMillisecond);
  room.LetThingsGoWrongFor(2 * kSecond);
  room.HealAndDemandProgress();
}

Scenario Named(const char* part, const char* name, const char* story,
               std::vector<const char*> must_observe, void (*play)(Stage&)) {
  return {.lab = "raft",
          .part = part,
          .name = name,
          .story = story,
          .points = 1,
          .must_observe = std::move(must_observe),
          .play = play};
}

}  // namespace

std::vector<Scenario> Choreographies() {
  std::vector<Scenario> scenarios = {
      Named("3A", "MuteLeader",
            "Nothing that a leader sends arrives any more, but it hears the others. They elect "
            "another one, and it must follow.",
            {kLeaderChanged}, PlayMuteLeader),
      Named("3B", "FlappingLink",
            "The link between the leader and one follower fails again and again. Commands are "
            "executed nevertheless, and in the end everyone has them.",
            {kFlapped}, PlayFlappingLink),
      Named("3B", "DeafLeader",
            "A leader hears nobody, and the others hear it: no answer ever comes. Clients go on to "
            "ask it, until the links work again.",
            {kAskedDeaf}, PlayDeafLeader),
      Named("3B", "PausedLeader",
            "A leader is stopped, as by SIGSTOP, just when it has sent its messages. When another "
            "one has executed commands it goes on, as if no time had passed.",
            {kWokeDeposed, kLeaderChanged}, PlayPausedLeader),
      Named("3C", "FullLeader",
            "The disk of whoever leads is full for a while, and clients go on to ask it. What it "
            "cannot write it must not count.",
            {kAskedFull}, PlayFullLeader),
      Named("3D", "SnapshotRacesAppend",
            "A server is sent snapshots, one after the other, and entries at the same time, over a "
            "network that repeats, reorders and loses messages.",
            {kSnapshotCame}, PlaySnapshotRacesAppend),
      Named("3B", "LogOnWrongClocks",
            "Clocks run fast and slow, jump, and stand still, while clients append, put and read. "
            "Who leads may change; what is promised may not.",
            {kLeaderChanged}, PlayWrongClocks),
  };
  for (Scenario& scenario : scenarios) {
    if (scenario.play == PlaySnapshotRacesAppend) scenario.profile = Profile::kLossy;
    if (scenario.play == PlayWrongClocks) scenario.profile = Profile::kClocks;
    if (scenario.profile != Profile::kCalm) scenario.seeds = 100;
  }
  return scenarios;
}

}  // namespace quorum::grader::raft
