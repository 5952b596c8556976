// Part 4A: answers that are lost, requests that come twice, and a master that is none any more.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/plain_client.h"
#include "grader/scenarios/lock_service/state_rules.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;

constexpr char kAnsweredAgain[] = "an operation was executed, and its first answer was lost";
constexpr char kAnotherMaster[] = "another master had changed what the old one was asked for";

constexpr sim::SimTime kLongLease = 3600 * kSecond;

std::uint64_t MakeFile(LockRoom& room, PlainClient& client, const std::string& name) {
  lock::OpenRequest request;
  *request.mutable_call() = client.NewCall();
  request.set_path(LockRoom::Path(name));
  request.set_write(true);
  request.set_create(lock::OpenRequest::IF_ABSENT);
  const auto opened = client.Ask(lock::kOpen, request);
  room.stage().Require(kFiles, opened.ok() && opened->handle() != 0,
                       "A file could not be opened: " + opened.status().ToString());
  return opened->handle();
}

lock::SetContentsRequest Comparing(PlainClient& client, std::uint64_t handle,
                                   std::uint64_t generation) {
  lock::SetContentsRequest request;
  *request.mutable_call() = client.NewCall();
  request.set_handle(handle);
  request.set_contents(fmt::format("{} by {}", generation + 1, client.session()));
  request.set_if_generation(generation);
  return request;
}

/// What servers send to the client is lost for a while, again and again: it asks again.
void PlayLostAnswers(Stage& stage) {
  LockRoom room(
      stage,
      {.lease = kLongLease, .snapshot_every = 7, .over_paxos = stage.random().Below(2) == 0});
  constexpr NodeId kSelf = 201;
  PlainClient client(room, kSelf);
  const std::uint64_t file = MakeFile(room, client, "f");
  std::uint64_t generation = 1;
  for (int round = 0; round < 12; ++round) {
    const bool lost = stage.random().Below(2) == 0;
    if (lost) {
      room.CutWay(room.servers(), {kSelf}, true);
      const LogIndex index = room.cell().index();
      room.world().At(room.world().now() + stage.random().Between(100, 1'900) * kMillisecond,
                      [&room, &stage, index] {
                        if (room.cell().index() > index) stage.Observe(kAnsweredAgain);
                        room.CutWay(room.servers(), {kSelf}, false);
                      });
    }
    if (lost && stage.random().Below(3) == 0) {
      const NodeId leader = room.AwaitLeader();
      room.world().At(room.world().now() + 60 * kMillisecond,
                      [&room, leader] { room.world().Crash(leader, false); });
      room.world().At(room.world().now() + kSecond, [&room, leader] { room.world().Boot(leader); });
    }
    if (round % 3 == 2) {
      lock::TryAcquireRequest take;
      *take.mutable_call() = client.NewCall();
      take.set_handle(file);
      take.set_mode(lock::EXCLUSIVE);
      const auto taken = client.Ask(lock::kTryAcquire, take);
      stage.Require(kOnce, taken.ok() && taken->acquired(),
                    "Nobody else wants the lock, and whoever asks for it, perhaps twice, is told "
                    "that it has not got it.");
      lock::ReleaseRequest release;
      *release.mutable_call() = client.NewCall();
      release.set_handle(file);
      const auto released = client.Ask(lock::kRelease, release);
      stage.Require(kOnce, released.ok(),
                    "A lock was released, perhaps asked for twice, and the answer is: " +
                        released.status().ToString());
      continue;
    }
    const auto written = client.Ask(lock::kSetContents, Comparing(client, file, generation));
    stage.Require(
        kOnce,
        written.ok() && written->written() &&
            written->stat().content_generation() == generation + 1,
        fmt::format("Nobody else writes the file, and a write that wants generation {}, "
                    "asked for perhaps twice, is answered otherwise than it was executed.",
                    generation));
    ++generation;
  }
  room.world().RunFor(2 * kSecond);
  stage.Step(
      "A client writes a file and takes its lock twelve times. Now and then it hears nothing "
      "for a while, and asks again.");
}

/// Each request comes twice at the same time, and both are under way before either is executed.
void PlayTwiceAtOnce(Stage& stage) {
  LockRoom room(stage, {.lease = kLongLease, .over_paxos = stage.random().Below(2) == 0});
  PlainClient client(room, 201);
  const std::uint64_t file = MakeFile(room, client, "f");
  for (std::uint64_t generation = 1; generation < 16; ++generation) {
    const lock::SetContentsRequest write = Comparing(client, file, generation);
    const auto first = client.BeginAtMaster(lock::kSetContents, write);
    const auto second = client.BeginAtMaster(lock::kSetContents, write);
    room.world().RunUntil([&] { return *first && *second; }, 5 * kSecond);
    for (const auto& answer : {first, second}) {
      stage.Require(kProgress, answer->has_value(), "A write is not answered.");
      const bool written = (*answer)->ok() && (**answer)->written() &&
                           (**answer)->stat().content_generation() == generation + 1;
      stage.Require(kOnce, written || !(*answer)->ok(),
                    fmt::format("A write that wants generation {} comes twice at the same time; it "
                                "was executed, and one of them is answered otherwise.",
                                generation));
    }
    const auto again = client.Ask(lock::kSetContents, write);
    stage.Require(kOnce, again.ok() && again->written(),
                  "A write that came twice is asked for once more, and answered otherwise.");
  }
  stage.Step("A client sends each of its writes twice at the same time.");
}

/// What one who can reach all servers is told by `old` while another master has a file written.
/// It has nothing in a cache and tells every server so: the write waits for nobody.
void ReadAtOldMaster(LockRoom& room, PlainClient& reader, NodeId old, const bool& written) {
  lock::GetContentsAndStatRequest read;
  read.set_handle(MakeFile(room, reader, "f"));
  *read.mutable_call() = reader.Reading();
  lock::GetStatRequest look;
  look.set_handle(read.handle());
  *look.mutable_call() = reader.Reading();
  lock::KeepAliveRequest alive;
  alive.set_session(reader.session());
  std::vector<NodeId> others = room.servers();
  std::erase(others, old);
  room.CutWay({old}, others, true);
  room.CutWay(others, {old}, true);
  room.stage().Step(fmt::format(
      "Node {}, the master, is cut off from the others, and not from one who reads a file.", old));
  for (int time = 0; time < 400; ++time) {
    const bool after = written;
    if (after) room.stage().Observe(kAnotherMaster);
    const auto contents = reader.BeginAt(old, lock::kGetContentsAndStat, read);
    const auto stat = reader.BeginAt(old, lock::kGetStat, look);
    for (const NodeId other : others) {
      if (time % 20 == 0) reader.BeginAt(other, lock::kKeepAlive, alive);
    }
    room.world().RunUntil([&] { return *contents && *stat; }, 20 * kMillisecond);
    const auto is_old = [](const auto& answer) {
      return answer && answer->ok() && (*answer)->stat().content_generation() < 2;
    };
    room.stage().Require(kCurrent, !after || (!is_old(*contents) && !is_old(*stat)),
                         fmt::format("A file was written, at another master, and node {}, which "
                                     "was the master, answers what was in it before.",
                                     old));
    room.world().RunFor(10 * kMillisecond);
  }
}

void PlayOldReads(Stage& stage) {
  LockRoom room(stage,
                {.servers = 5, .lease = kLongLease, .over_paxos = stage.random().Below(2) == 0});
  PlainClient writer(room, 201);
  PlainClient reader(room, 202);
  const std::uint64_t file = MakeFile(room, writer, "f");
  const NodeId old = room.AwaitLeader();
  room.CutWay({old}, {201}, true);
  room.CutWay({201}, {old}, true);
  bool written = false;
  room.world().At(room.world().now() + 200 * kMillisecond, [&] {
    writer.BeginUntilAnswered<lock::SetContentsRequest, lock::SetContentsResponse>(
        lock::kSetContents, Comparing(writer, file, 1), [&](const auto&) { written = true; });
  });
  ReadAtOldMaster(room, reader, old, written);
  stage.Require(kProgress, written, "Four servers of five can talk, and a write is not answered.");
}

/// Two clients want the same at the same time; one of them gets it.
void PlayTwoAtOnce(Stage& stage) {
  LockRoom room(stage, {.lease = kLongLease, .over_paxos = stage.random().Below(2) == 0});
  PlainClient one(room, 201);
  PlainClient other(room, 202);
  const std::uint64_t its = MakeFile(room, one, "f");
  const std::uint64_t others = MakeFile(room, other, "f");
  for (std::uint64_t generation = 1; generation < 12; ++generation) {
    const auto first = one.BeginAtMaster(lock::kSetContents, Comparing(one, its, generation));
    const auto second =
        other.BeginAtMaster(lock::kSetContents, Comparing(other, others, generation));
    room.world().RunUntil([&] { return *first && *second; }, 5 * kSecond);
    stage.Require(kProgress, *first && (*first)->ok() && *second && (*second)->ok(),
                  "A write is not answered.");
    stage.Require(kFiles, (**first)->written() != (**second)->written(),
                  fmt::format("Two clients write if the generation is {}, and {} of them have.",
                              generation, (**first)->written() ? "both" : "neither"));
    const auto take = [&](PlainClient& client, std::uint64_t handle) {
      lock::TryAcquireRequest request;
      *request.mutable_call() = client.NewCall();
      request.set_handle(handle);
      request.set_mode(lock::EXCLUSIVE);
      return client.BeginAtMaster(lock::kTryAcquire, request);
    };
    const auto third = take(one, its);
    const auto fourth = take(other, others);
    room.world().RunUntil([&] { return *third && *fourth; }, 5 * kSecond);
    stage.Require(kProgress, *third && (*third)->ok() && *fourth && (*fourth)->ok(),
                  "A TryAcquire is not answered.");
    stage.Require(kCalls, (**third)->acquired() != (**fourth)->acquired(),
                  fmt::format("Two clients try to acquire a free lock, and {} of them have.",
                              (**third)->acquired() ? "both" : "neither"));
    PlainClient& holder = (**third)->acquired() ? one : other;
    lock::ReleaseRequest release;
    *release.mutable_call() = holder.NewCall();
    release.set_handle((**third)->acquired() ? its : others);
    stage.Require(kCalls, holder.Ask(lock::kRelease, release).ok(), "A lock was not released.");
  }
  stage.Step("Two clients write a file and take its lock at the same time, eleven times.");
}

/// `newcomer` has its session from another master than `old`, and asks that one to keep it alive.
void AskForNewSession(LockRoom& room, PlainClient& newcomer, NodeId old) {
  lock::KeepAliveRequest alive;
  alive.set_session(newcomer.session());
  const auto answer = newcomer.BeginAt(old, lock::kKeepAlive, alive);
  room.world().RunUntil([&] { return answer->has_value(); }, kPatience);
  room.stage().Require(
      kLives, !absl::IsUnauthenticated((*answer)->status()),
      fmt::format("Session {} was begun at another master, and node {}, which was the master, "
                  "answers that there is no such session.",
                  newcomer.session(), old));
}

/// The master is cut off with one who asks it, while another master changes what it is asked for.
void PlayOldMaster(Stage& stage) {
  LockRoom room(stage, {.servers = 5, .over_paxos = stage.random().Below(2) == 0});
  PlainClient holder(room, 201);
  const std::uint64_t file = MakeFile(room, holder, "f");
  lock::TryAcquireRequest take;
  *take.mutable_call() = holder.NewCall();
  take.set_handle(file);
  take.set_mode(lock::EXCLUSIVE);
  const auto taken = holder.Ask(lock::kTryAcquire, take);
  stage.Require(kCalls, taken.ok() && taken->acquired(), "A free lock was not given.");
  const NodeId old = room.AwaitLeader();
  std::vector<NodeId> rest = room.servers();
  std::erase(rest, old);
  rest.push_back(201);
  room.CutWay({old}, rest, true);
  room.CutWay(rest, {old}, true);
  stage.Step(
      fmt::format("Node {}, the master, is cut off from the others, and from the holder of a "
                  "lock.",
                  old));
  PuppetOf<> asks(stage, [] {
    NodeConfig config;
    config.set_self(203);
    return config;
  }());
  lock::CheckSequencerRequest check;
  *check.mutable_sequencer() = taken->sequencer();
  lock::ReleaseRequest release;
  *release.mutable_call() = holder.NewCall();
  release.set_handle(file);
  // The answer is asked for while the release is under way and afterwards, as fast as it comes.
  bool released = false;
  std::optional<PlainClient> newcomer;
  holder.BeginUntilAnswered<lock::ReleaseRequest, lock::ReleaseResponse>(
      lock::kRelease, release, [&](const auto&) { released = true; });
  for (int time = 0; time < 400; ++time) {
    const bool after = released;
    if (after) stage.Observe(kAnotherMaster);
    const auto answer = asks.Ask(old, lock::kCheckSequencer, check, std::chrono::milliseconds(20));
    stage.Require(kCurrent, !after || !answer.ok() || !answer->valid(),
                  fmt::format("A lock was released, by another master, and node {}, which was the "
                              "master, answers that its sequencer is valid.",
                              old));
    if (after && !newcomer) AskForNewSession(room, newcomer.emplace(room, 204), old);
    room.world().RunFor(kMillisecond);
  }
  stage.Require(kProgress, released,
                "Four servers of five can talk, and a release is not answered.");
}

}  // namespace

std::vector<Scenario> FileChoreographies() {
  return {
      {.lab = "lock_service",
       .part = "4A",
       .name = "LostAnswers",
       .story = "A client writes a file, generation by generation, and takes its lock. Answers are "
                "lost, masters die, and it asks again.",
       .points = 3,
       .seeds = 20,
       .must_observe = {kAnsweredAgain},
       .play = PlayLostAnswers},
      {.lab = "lock_service",
       .part = "4A",
       .name = "TwiceAtOnce",
       .story = "A client sends each write twice at the same time.",
       .points = 3,
       .seeds = 20,
       .play = PlayTwiceAtOnce},
      {.lab = "lock_service",
       .part = "4A",
       .name = "OldReads",
       .story = "The master is cut off from the other servers, not from somebody who reads a file. "
                "Another master has that file written.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kAnotherMaster},
       .play = PlayOldReads},
      {.lab = "lock_service",
       .part = "4C",
       .name = "TwoAtOnce",
       .story = "Two clients write a file if it has a certain generation, and try to acquire its "
                "lock, at the same time.",
       .points = 2,
       .seeds = 20,
       .play = PlayTwoAtOnce},
      {.lab = "lock_service",
       .part = "4C",
       .name = "OldMaster",
       .story =
           "The master is cut off from the other servers, not from somebody who asks it whether "
           "a lock is held. Another master releases that lock.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kAnotherMaster},
       .play = PlayOldMaster},
  };
}

}  // namespace quorum::grader::locks
