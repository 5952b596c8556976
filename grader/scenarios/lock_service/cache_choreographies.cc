// Part 4D: who watches and who caches, while acknowledgements are late and watchers slow.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/acts.h"
#include "grader/scenarios/lock_service/listener.h"
#include "grader/scenarios/lock_service/lock_rules.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr char kLost[] = "a watcher was told that events were lost";
constexpr char kFailedOver[] = "a watcher was told of another master";

/// Everything that a session can be told of, while masters die and the watcher is slow.
void PlayWatching(Stage& stage) {
  LockRoom room(stage, {.clients = 2,
                        .snapshot_every = stage.random().Below(2) == 0 ? 15u : 0u,
                        .over_paxos = stage.random().Below(2) == 0});
  const NodeId writer = LockRoom::Client(0);
  const NodeId watcher = LockRoom::Client(1);
  const std::uint64_t file = room.OpenFile(writer, LockRoom::Path("f"));
  const std::uint64_t watched =
      room.OpenFile(watcher, LockRoom::Path("f"), false, {lock::CONTENTS_CHANGED});
  int written = 0;
  Listener listener(room, watcher, [&](const lock::Event& event) {
    if (event.kind() == lock::MASTER_FAILED_OVER) stage.Observe(kFailedOver);
    if (event.kind() != lock::CONTENTS_CHANGED) return;
    lock::GetContentsAndStatRequest read;  // rules judge that it is not older than the event
    read.set_handle(watched);
    room.Begin(watcher, user::kGetContentsAndStat, read);
  });
  faults::Link slow;
  slow.set_extra_delay_ns(stage.random().Between(0, 150) * kMillisecond);
  for (const NodeId server : room.servers()) {
    if (stage.random().Below(2) == 0) room.world().network().SetLink(server, watcher, slow);
  }
  for (int round = 0; round < 4; ++round) {
    for (int write = 0; write < 8; ++write) {
      room.SetContents(writer, file, fmt::format("{}", ++written));
      room.world().RunFor(stage.random().Between(0, 60) * kMillisecond);
    }
    const NodeId leader = room.AwaitLeader();
    switch (stage.random().Below(3)) {
      case 0:
        room.world().Crash(leader, false);
        stage.Step("The master dies, and restarts.");
        room.world().At(room.world().now() + 700 * kMillisecond,
                        [&room, leader] { room.world().Boot(leader); });
        break;
      case 1:
        room.world().Pause(watcher);
        stage.Step("The watcher is stopped for a second.");
        room.world().At(room.world().now() + kSecond,
                        [&room, watcher] { room.world().Resume(watcher); });
        break;
      default:
        room.CutWay(room.servers(), {watcher}, true);
        stage.Step("The watcher hears nothing for a second.");
        room.world().At(room.world().now() + kSecond,
                        [&room, watcher] { room.CutWay(room.servers(), {watcher}, false); });
    }
    room.SetContents(writer, file, fmt::format("{}", ++written));
    room.world().RunFor(2 * kSecond);  // its session is not to end
  }
  room.world().RunUntil([&] { return listener.count(lock::CONTENTS_CHANGED) >= written; },
                        20 * kSecond);
  stage.Require(kEvents, listener.count(lock::CONTENTS_CHANGED) == written,
                fmt::format("A file was written {} times, and who watches it was told of {} times.",
                            written, listener.count(lock::CONTENTS_CHANGED)));
}

/// A watcher hears nothing for so long that the cell has to forget what it has not been told of.
void PlaySlowWatcher(Stage& stage) {
  LockRoom room(stage, {.servers = 1, .clients = 2, .lease = 120 * kSecond});
  const NodeId writer = LockRoom::Client(0);
  const NodeId watcher = LockRoom::Client(1);
  const std::uint64_t file = room.OpenFile(writer, LockRoom::Path("f"));
  room.OpenFile(watcher, LockRoom::Path("f"), false, {lock::CONTENTS_CHANGED});
  Listener listener(room, watcher);
  room.SetContents(writer, file, "first");
  room.world().RunFor(kSecond);
  room.CutWay(room.servers(), {watcher}, true);
  stage.Step("A client watches a file, and hears nothing while another one writes it 1100 times.");
  for (int write = 0; write < 1100; ++write) room.SetContents(writer, file, "more");
  room.CutWay(room.servers(), {watcher}, false);
  room.world().RunUntil([&] { return listener.count(lock::EVENTS_LOST) > 0; }, 200 * kSecond);
  const int before = listener.count(lock::CONTENTS_CHANGED);
  const bool complete = before >= 1101;
  stage.Require(kEvents, complete || listener.count(lock::EVENTS_LOST) > 0,
                fmt::format("A file was written 1101 times; who watches it was told of {}, and not "
                            "that any were lost.",
                            before));
  if (listener.count(lock::EVENTS_LOST) > 0) stage.Observe(kLost);
  room.SetContents(writer, file, "last");
  room.world().RunUntil([&] { return listener.count(lock::CONTENTS_CHANGED) > before; },
                        10 * kSecond);
  stage.Require(kEvents, listener.count(lock::CONTENTS_CHANGED) > before,
                "Once events were lost, who watches is told of nothing any more.");
}

/// Two files are written one soon after the other, and answers to the reader come late: what it
/// says of the first, or of events, says nothing of the second.
void PlayLateAcknowledgements(Stage& stage) {
  LockRoom room(stage, {.clients = 3, .over_paxos = stage.random().Below(2) == 0});
  const NodeId reader = LockRoom::Client(2);
  std::vector<std::uint64_t> written;
  std::vector<std::uint64_t> read;
  for (int number = 0; number < 2; ++number) {
    const std::string path = LockRoom::Path(fmt::format("f-{}", number));
    written.push_back(room.OpenFile(LockRoom::Client(number), path));
    read.push_back(room.OpenFile(reader, path, false, {lock::CONTENTS_CHANGED}));
  }
  const auto read_both = [&] {
    for (const std::uint64_t handle : read) {
      lock::GetContentsAndStatRequest request;
      request.set_handle(handle);
      room.Begin(reader, user::kGetContentsAndStat, request);
    }
  };
  faults::Link slow;
  slow.set_extra_delay_ns(stage.random().Between(8, 40) * kMillisecond);
  for (const NodeId server : room.servers()) {
    room.world().network().SetLink(server, reader, slow);
  }
  stage.Step(
      fmt::format("Two clients each write a file, one soon after the other; a third, to which "
                  "answers take {} ms, reads both all the time.",
                  slow.extra_delay_ns() / kMillisecond));
  for (int round = 0; round < 12; ++round) {
    for (int wait = 0; wait < 20; ++wait) {
      read_both();
      room.world().RunFor(10 * kMillisecond);
    }
    const auto write = [&](std::size_t number) {
      lock::SetContentsRequest request;
      request.set_handle(written[number]);
      request.set_contents(fmt::format("{}", round));
      return room.Begin(LockRoom::Client(static_cast<int>(number)), user::kSetContents, request);
    };
    const auto first = write(0);
    if (round % 2 == 1) {  // its event is on its way, and nothing is to be dropped
      room.world().RunUntil([&] { return first->answer.has_value(); }, kPatience);
    }
    const sim::SimTime apart = slow.extra_delay_ns() + stage.random().Between(-6, 6) * kMillisecond;
    for (sim::SimTime passed = 0; passed < apart; passed += kMillisecond) {
      read_both();
      room.world().RunFor(kMillisecond);
    }
    const auto second = write(1);
    while (!first->answer || !second->answer) {
      read_both();
      room.world().RunFor(kMillisecond / 2);
    }
    read_both();
  }
}

}  // namespace

std::vector<Scenario> CacheChoreographies() {
  return {
      {.lab = "lock_service",
       .part = "4D",
       .name = "Watching",
       .story =
           "A client watches a file that another one writes all the time. Masters die, and the "
           "watcher is slow, stopped, or hears nothing for a while.",
       .points = 3,
       .seeds = 20,
       .must_observe = {kFailedOver},
       .play = PlayWatching},
      {.lab = "lock_service",
       .part = "4D",
       .name = "SlowWatcher",
       .story = "A client watches a file and hears nothing while another one writes it 1100 times. "
                "What is lost it is told.",
       .points = 2,
       .seeds = 4,
       .must_observe = {kLost},
       .play = PlaySlowWatcher},
      {.lab = "lock_service",
       .part = "4D",
       .name = "LateAcknowledgements",
       .story = "Two files are written one soon after the other, while a client, which hears of it "
                "late, reads both.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kCached},
       .play = PlayLateAcknowledgements},
  };
}

}  // namespace quorum::grader::locks
