// Part 4D: events and caches.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/lock_room.h"
#include "grader/scenarios/lock_service/lock_rules.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

/// What the library at `client` has told since `after`.
std::vector<lock::Event> EventsAfter(LockRoom& room, NodeId client, std::uint64_t after) {
  lock::NextEventsRequest request;
  request.set_after(after);
  const auto answer = room.Demand(client, user::kNextEvents, request);
  return {answer.events().begin(), answer.events().end()};
}

void PlayEvents(Stage& stage) {
  LockRoom room(stage, {.clients = 2});
  const NodeId writer = LockRoom::Client(0);
  const NodeId watcher = LockRoom::Client(1);
  lock::OpenRequest root;
  root.set_path("/ls/local");
  root.add_events(lock::CHILD_ADDED);
  root.add_events(lock::CHILD_REMOVED);
  room.Demand(watcher, user::kOpen, root);
  const std::uint64_t file = room.OpenFile(writer, LockRoom::Path("f"));
  const std::uint64_t watched = room.OpenFile(watcher, LockRoom::Path("f"), false,
                                              {lock::CONTENTS_CHANGED, lock::LOCK_ACQUIRED});
  std::uint64_t seen = 0;
  const auto expect = [&](lock::EventKind kind) {
    const std::vector<lock::Event> events = EventsAfter(room, watcher, seen);
    stage.Require(
        kEvents, events.front().kind() == kind && events.front().number() == seen + 1,
        fmt::format("The event after {} should be {}, and is {}, number {}.", seen,
                    lock::EventKind_Name(kind), lock::EventKind_Name(events.front().kind()),
                    events.front().number()));
    ++seen;
  };
  expect(lock::CHILD_ADDED);
  for (int write = 0; write < 5; ++write) {
    room.SetContents(writer, file, fmt::format("{}", write));
    expect(lock::CONTENTS_CHANGED);
    stage.Require(kEvents, room.Contents(watcher, watched) == fmt::format("{}", write),
                  "An event has told of new contents, and the old ones are read.");
  }
  stage.Require(kEvents, room.TryLock(writer, file), "A free lock was not given.");
  expect(lock::LOCK_ACQUIRED);
  lock::ReleaseRequest release;
  release.set_handle(file);
  room.Demand(writer, user::kRelease, release);
  const NodeId leader = room.AwaitLeader();
  room.world().Crash(leader, false);
  stage.Step("The master dies.");
  lock::DeleteRequest remove;
  remove.set_handle(file);
  room.Demand(writer, user::kDelete, remove);
  expect(lock::MASTER_FAILED_OVER);
  expect(lock::HANDLE_INVALID);
  expect(lock::CHILD_REMOVED);
}

void PlayCache(Stage& stage) {
  LockRoom room(stage, {.clients = 4, .over_paxos = stage.random().Below(2) == 0});
  const NodeId writer = LockRoom::Client(0);
  const std::uint64_t file = room.OpenFile(writer, LockRoom::Path("f"));
  std::map<NodeId, std::uint64_t> handles;
  for (const NodeId client : room.clients()) {
    handles[client] = room.OpenFile(client, LockRoom::Path("f"));
  }
  for (int round = 0; round < 20; ++round) {
    if (round % 7 == 6) {
      const NodeId leader = room.AwaitLeader();
      room.world().Crash(leader, false);
      stage.Step("The master dies, and restarts.");
      room.world().RunFor(stage.random().Between(100, 1500) * kMillisecond);
      room.world().Boot(leader);
    }
    const auto written = [&] {
      lock::SetContentsRequest request;
      request.set_handle(file);
      request.set_contents(fmt::format("{}", round));
      return room.Begin(writer, user::kSetContents, request);
    }();
    lock::OpenRequest absent;
    absent.set_path(LockRoom::Path(fmt::format("new-{}", round)));
    while (!written->answer) {  // the rules judge what is answered meanwhile
      for (const auto& [client, handle] : handles) {
        if (client == writer) continue;
        room.Contents(client, handle);
        room.Demand(client, user::kOpen, absent);
      }
      room.world().RunFor(kMillisecond);
    }
    room.OpenFile(writer, absent.path());
    for (const auto& [client, handle] : handles) {
      room.Contents(client, handle);
      room.Demand(client, user::kOpen, absent);
    }
  }
  stage.Step("One client writes a file twenty times, and makes others; three read all the time.");
}

}  // namespace

std::vector<Scenario> CacheScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4D",
       .name = "Events",
       .story = "A client watches a file and its directory while another writes, locks and deletes "
                "it. In between the master dies.",
       .points = 3,
       .seeds = 20,
       .play = PlayEvents},
      {.lab = "lock_service",
       .part = "4D",
       .name = "Caches",
       .story = "Three clients read a file, and look for others that are not there yet, while a "
                "fourth writes and makes them. Now and then the master dies.",
       .points = 3,
       .seeds = 20,
       .must_observe = {kCached},
       .play = PlayCache},
  };
}

}  // namespace quorum::grader::locks
