// Parts 3B and 3C: a log through everything that can happen, without snapshots.

#include <fmt/format.h>

#include "grader/scenarios/log/stories.h"
#include "grader/scenarios/raft/raft_room.h"
#include "grader/scenarios/raft/statements.h"

namespace quorum::grader::raft {
namespace {

using faults::Profile;

constexpr Statement kMessageBudget = {
    "raft.message-budget",
    "While one server leads and nothing goes wrong, a command costs at most 4 (n - 1) messages "
    "besides heartbeats.",
    "Raft, section 5.3 (one round of RPCs to a majority); handout 3B, step 2"};
constexpr Statement kByteBudget = {
    "raft.byte-budget", "While nothing goes wrong, each command is sent to each follower once.",
    "Raft, section 5.3; handout 3B, step 2"};

/// Parts 3B and 3C do without snapshots.
void PlayCalm(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  TellCalm(stage, room, kMessageBudget);
}

class Bytes final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view) override {
    sent += message.payload.size();
  }
  std::uint64_t sent = 0;
};

void PlayBigCommands(Stage& stage) {
  Bytes bytes;
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.world().Watch(bytes);
  room.AwaitLeader();
  room.PutAtLeader("begin");
  room.world().RunFor(kSecond);
  constexpr std::uint64_t kCommands = 20;
  constexpr std::uint64_t kSize = 5'000;
  bytes.sent = 0;
  for (std::uint64_t command = 0; command < kCommands; ++command) {
    room.PutAtLeader(std::string(kSize, static_cast<char>('a' + command)));
  }
  const auto followers = static_cast<std::uint64_t>(room.nodes() - 1);
  const std::uint64_t allowed = followers * kCommands * kSize * 3 / 2 + 50'000;
  stage.Require(kByteBudget, bytes.sent <= allowed,
                fmt::format("{} servers send {} bytes for {} commands of {} bytes; {} are allowed.",
                            room.nodes(), bytes.sent, kCommands, kSize, allowed));
  const NodeId leader = room.AwaitLeader();
  const NodeId late = leader % static_cast<NodeId>(room.nodes()) + 1;
  room.CutOff(late, true);
  for (std::uint64_t command = 0; command < 3 * kCommands; ++command) {
    room.Append(leader, std::string(kSize, static_cast<char>('a' + command % kCommands)),
                [](const absl::StatusOr<log::WriteResponse>&) {});
  }
  room.world().RunFor(kSecond);
  room.CutOff(late, false);
  stage.Step(
      fmt::format("Server {} misses {} commands, more than a message should hold, and is "
                  "back.",
                  late, 3 * kCommands));
  room.HealAndDemandProgress();
}

void PlayWithFaults(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.AwaitLeader();
  room.StartClients(4, 25, 80 * kMillisecond);
  room.LetThingsGoWrongFor(2 * kSecond);
  room.HealAndDemandProgress();
}

void PlayChangingLeaders(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  TellChangingLeaders(stage, room);
}

void PlayDeposedProposer(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage)});
  TellDeposedProposer(stage, room);
}

void PlayDeposedReader(Stage& stage) {
  RaftRoom room(stage, {.nodes = 5});
  TellDeposedReader(stage, room);
}

/// Counts AppendEntries that are refused although their sender leads the term.
class Refusals final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (path != quorum::raft::kAppendEntries.path || !message.is_response) return;
    quorum::raft::AppendEntriesResponse response;
    response.ParseFromString(message.payload);
    if (message.status.ok() && response.conflict_index() > 0) ++refused;
  }
  std::uint64_t refused = 0;
};

/// Leaders of two sides, again and again, collect entries that nobody commits.
void PlayLongConflicts(Stage& stage) {
  Refusals refusals;
  RaftRoom room(stage, {.nodes = 5, .snapshot_every = kNoSnapshots});
  room.world().Watch(refusals);
  room.AwaitLeader();
  room.PutAtLeader("begin");
  const auto ignore = [](const absl::StatusOr<log::WriteResponse>&) {};
  constexpr int kRounds = 4;
  for (int round = 0; round < kRounds; ++round) {
    const NodeId leader = room.AwaitLeader();
    const std::set<NodeId> minority = {leader, leader % 5 + 1};
    room.Split(minority, true);
    for (int command = 0; command < 50; ++command) {
      room.Append(leader, fmt::format("{}.{} ", round, command), ignore);
    }
    const bool another =
        room.world().RunUntil([&] { return room.tap().leader() != leader; }, 20 * kSecond);
    stage.Require(kElection, another,
                  "Three of five servers can talk, and none of them leads after 20 seconds.");
    for (int command = 0; command < 5; ++command) room.PutAtLeader(fmt::format("{}", round));
    room.Split(minority, false);
    // One of the two that hold the long conflict is taken along into the next minority, or heals.
    room.world().RunFor(stage.random().Between(0, 60) * kMillisecond);
  }
  stage.Step(
      "Four times a leader with one follower is cut off and collects fifty commands, while the "
      "others find a leader and execute five.");
  room.HealAndDemandProgress();
  const std::uint64_t allowed = 20 * kRounds;
  stage.Require(
      kFastBackUp, refusals.refused <= allowed,
      fmt::format("To make the logs agree, {} AppendEntries were refused; {} are allowed.",
                  refusals.refused, allowed));
}

/// Every server dies again and again, at times that the seed draws; never is one sure to stay.
void PlayRestartStorm(Stage& stage) {
  RaftRoom room(stage, {.nodes = DrawServers(stage), .snapshot_every = kNoSnapshots});
  room.AwaitLeader();
  room.StartClients(4, 40, 60 * kMillisecond);
  for (int crash = 0; crash < 40; ++crash) {
    const auto victim = static_cast<NodeId>(stage.random().Between(1, room.nodes()));
    room.world().Crash(victim, stage.random().Below(2) == 0);
    room.world().At(room.world().now() + stage.random().Between(1, 400) * kMillisecond,
                    [&room, victim] { room.world().Boot(victim); });
    room.world().RunFor(stage.random().Between(1, 150) * kMillisecond);
  }
  stage.Step("Forty times a server is killed, and restarts soon.");
  room.HealAndDemandProgress();
}

}  // namespace

std::vector<Scenario> ReplicationScenarios() {
  return {
      {.lab = "raft",
       .part = "3B",
       .name = "CalmLog",
       .story =
           "A network that works. Commands are put, each at the cost of one round of messages.",
       .points = 1,
       .play = PlayCalm},
      {.lab = "raft",
       .part = "3B",
       .name = "BigCommands",
       .story =
           "A network that works, and commands of 5,000 bytes. Each goes to each follower once. "
           "Then one follower misses many of them.",
       .points = 1,
       .play = PlayBigCommands},
      {.lab = "raft",
       .part = "3B",
       .name = "LogUnderLoss",
       .story =
           "Clients append, put and read while the network drops, repeats, reorders and delays "
           "messages.",
       .points = 2,
       .seeds = 200,
       .profile = Profile::kLossy,
       .must_observe = {kRefused},
       .play = PlayWithFaults},
      {.lab = "raft",
       .part = "3B",
       .name = "LogOverCutLinks",
       .story = "Clients append, put and read while links are cut, one way or both, slow or "
                "flapping. A leader that is cut off collects entries that will be overwritten.",
       .points = 1,
       .seeds = 200,
       .profile = Profile::kPartitions,
       .must_observe = {kLeaderChanged, kOverwritten, kUnknownOutcome, kTwoLeaders},
       .play = PlayWithFaults},
      {.lab = "raft",
       .part = "3B",
       .name = "LongConflicts",
       .story =
           "Leader after leader is cut off with one follower and collects many commands, while "
           "the others go on. When all meet again, long logs conflict.",
       .points = 1,
       .must_observe = {kOverwritten, kRefused},
       .play = PlayLongConflicts},
      {.lab = "raft",
       .part = "3B",
       .name = "DeposedProposer",
       .story = "Commands wait at a leader that is cut off, and another leader uses the same "
                "indices. When the first one learns that, its clients must not be told of success.",
       .points = 1,
       .must_observe = {kDeposed},
       .play = PlayDeposedProposer},
      {.lab = "raft",
       .part = "3B",
       .name = "DeposedReader",
       .story =
           "A client reads at a leader that is cut off, while another one executes a put. Only "
           "a leader that has asked a majority may answer.",
       .points = 1,
       .must_observe = {kReadAtDeposed},
       .play = PlayDeposedReader},
      {.lab = "raft",
       .part = "3C",
       .name = "LogThroughCrashes",
       .story = "Servers die, also in the middle of a handler, and come back with what their disks "
                "have kept, while clients append, put and read.",
       .points = 2,
       .seeds = 200,
       .profile = Profile::kCrashes,
       .must_observe = {kLeaderChanged, kLeaderDiedBusy, kDiedVoted, kInheritedCommit},
       .play = PlayWithFaults},
      {.lab = "raft",
       .part = "3C",
       .name = "RestartStorm",
       .story = "Forty times within a few seconds a server is killed and restarts soon, while "
                "clients append, put and read.",
       .points = 1,
       .must_observe = {kLeaderChanged, kLeaderDiedBusy},
       .play = PlayRestartStorm},
      {.lab = "raft",
       .part = "3C",
       .name = "ChangingLeaders",
       .story =
           "A long run in which leader after leader is killed or cut off, while clients go on.",
       .points = 1,
       .must_observe = {kLeaderChanged, kLeaderDiedBusy, kOverwritten, kUnknownOutcome},
       .play = PlayChangingLeaders},
  };
}

}  // namespace quorum::grader::raft
