// Part 4C: locks.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/acts.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

/// Clients 2 and 3 share the lock. Client 0, who wants it for itself, waits for both; client 1, who
/// would share it, comes later, and so gets it later.
void WaitBehindSharers(LockRoom& room, const std::vector<std::uint64_t>& handles) {
  Stage& stage = room.stage();
  const auto alone = BeginAcquire(room, LockRoom::Client(0), handles[0], lock::EXCLUSIVE);
  room.world().RunFor(200 * kMillisecond);
  const auto late = BeginAcquire(room, LockRoom::Client(1), handles[1], lock::SHARED);
  room.world().RunFor(200 * kMillisecond);
  stage.Require(
      kFair, !late->answer,
      "A lock is shared, somebody waits for it exclusively, and who came later shares it.");
  Release(room, LockRoom::Client(2), handles[2]);
  room.world().RunFor(200 * kMillisecond);
  stage.Require(kFair, !alone->answer,
                "A lock that one client still shares was given exclusively.");
  Release(room, LockRoom::Client(3), handles[3]);
  room.world().RunFor(200 * kMillisecond);
  stage.Require(kFair, HasIt(alone) && !late->answer,
                "Nobody shares the lock any more; the one who waits for it exclusively should have "
                "it, and nobody else.");
  Release(room, LockRoom::Client(0), handles[0]);
  room.world().RunFor(200 * kMillisecond);
  stage.Require(kFair, HasIt(late), "A lock is free, and the one who waits for it has not got it.");
  Release(room, LockRoom::Client(1), handles[1]);
}

void PlayLocks(Stage& stage) {
  LockRoom room(stage, {.clients = 4});
  std::vector<std::uint64_t> handles;
  for (const NodeId client : room.clients()) {
    handles.push_back(room.OpenFile(client, LockRoom::Path("lock")));
  }
  const auto client = [](int number) { return LockRoom::Client(number); };
  const auto first = room.Demand(client(0), user::kAcquire, Acquiring(handles[0], lock::EXCLUSIVE));
  stage.Require(kFair, first.acquired(), "A free lock was not given to the only one who asked.");
  stage.Require(kFair, !room.TryLock(client(1), handles[1]),
                "A lock is held, and somebody else who tries to acquire it is told that it has.");
  std::vector<std::shared_ptr<const LockRoom::Pending<lock::AcquireResponse>>> waiting;
  const lock::LockMode modes[] = {lock::EXCLUSIVE, lock::SHARED, lock::SHARED};
  for (int number = 1; number < 4; ++number) {
    waiting.push_back(
        room.Begin(client(number), user::kAcquire,
                   Acquiring(handles[static_cast<std::size_t>(number)], modes[number - 1])));
    room.world().RunFor(200 * kMillisecond);
  }
  stage.Step("One client holds a lock; three wait, the first exclusively, the others to share it.");
  stage.Require(kSequencer, IsValid(room, client(2), first.sequencer()),
                "A lock is held, and its sequencer is not valid.");
  Release(room, client(0), handles[0]);
  room.world().RunFor(200 * kMillisecond);
  stage.Require(kFair, waiting[0]->answer.has_value() && !waiting[1]->answer && !waiting[2]->answer,
                "The lock was released; the first who waits should have it, and nobody else.");
  stage.Require(kSequencer, !IsValid(room, client(2), first.sequencer()),
                "A lock was released, and its sequencer is still valid.");
  stage.Require(kSequencer,
                (*waiting[0]->answer)->sequencer().generation() > first.sequencer().generation(),
                "The next holder's generation is not larger than the one before.");
  Release(room, client(1), handles[1]);
  room.world().RunFor(200 * kMillisecond);
  stage.Require(kFair, waiting[1]->answer.has_value() && waiting[2]->answer.has_value(),
                "Those who share the lock should both have it now.");
  stage.Require(kFair,
                room.HoldsLock(client(2), handles[2]) && room.HoldsLock(client(3), handles[3]),
                "Both have acquired the lock, and one says that it does not hold it.");
  const auto impatient = room.Demand(client(0), user::kAcquire,
                                     Acquiring(handles[0], lock::EXCLUSIVE, 500 * kMillisecond));
  stage.Require(kFair, !impatient.acquired(), "A lock that is shared was given exclusively.");
  WaitBehindSharers(room, handles);
  stage.Require(kFair, room.TryLock(client(1), handles[1]),
                "Everyone has released the lock or given up, and it is not free.");
}

void PlayLockDelay(Stage& stage) {
  LockRoom room(stage, {.clients = 2, .over_paxos = stage.random().Below(2) == 0});
  const NodeId holder = LockRoom::Client(0);
  const NodeId waiter = LockRoom::Client(1);
  const std::uint64_t held = room.OpenFile(holder, LockRoom::Path("lock"));
  const std::uint64_t wanted = room.OpenFile(waiter, LockRoom::Path("lock"));
  const sim::SimTime delay = stage.random().Between(3, 8) * kSecond;
  stage.Require(kFair, room.TryLock(holder, held, delay), "A free lock was not given.");
  const auto waits = room.Begin(waiter, user::kAcquire, Acquiring(wanted, lock::EXCLUSIVE));
  room.world().RunFor(stage.random().Between(200, 2000) * kMillisecond);
  room.CutOff(holder, true);
  stage.Step(
      fmt::format("The holder of a lock with a lock-delay of {} s is cut off.", delay / kSecond));
  const std::uint64_t session =
      FindNode(room.cell().state(), LockRoom::Path("lock"))->holders(0).session();
  room.world().RunUntil([&] { return FindSession(room.cell().state(), session) == nullptr; },
                        60 * kSecond);
  const sim::SimTime died = room.world().now();
  lock::DeleteRequest remove;
  remove.set_handle(wanted);
  const absl::Status removed = room.Do(waiter, user::kDelete, remove).status();
  stage.Require(kDelay, absl::IsFailedPrecondition(removed),
                "A file is deleted while its lock is in its lock-delay: the answer is " +
                    removed.ToString() + ", and should be FAILED_PRECONDITION.");
  if (stage.random().Below(2) == 0) {
    room.world().RunFor(stage.random().Between(0, 2000) * kMillisecond);
    const NodeId leader = room.AwaitLeader();
    room.world().Crash(leader, false);
    room.world().RunFor(kSecond);
    room.world().Boot(leader);
    stage.Step("Its session ends; then the master dies.");
  }
  room.world().RunUntil([&] { return waits->answer.has_value(); }, 60 * kSecond);
  stage.Require(kDelay, waits->answer && waits->answer->ok() && (*waits->answer)->acquired(),
                "The holder died long ago, and whoever waits does not have the lock.");
  stage.Require(kDelay, room.world().now() - died >= delay,
                fmt::format("The holder's session ended with a lock-delay of {} ms; {} ms later "
                            "somebody else has the lock.",
                            delay / kMillisecond, (room.world().now() - died) / kMillisecond));
}

}  // namespace

std::vector<Scenario> LockingScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4C",
       .name = "Locks",
       .story = "Four clients want one lock, exclusively or to share it; they wait, give up and "
                "release it.",
       .points = 4,
       .seeds = 20,
       .play = PlayLocks},
      {.lab = "lock_service",
       .part = "4C",
       .name = "LockDelay",
       .story = "The holder of a lock is cut off until its session has ended. Another client waits "
                "for the lock; perhaps the master dies meanwhile.",
       .points = 3,
       .seeds = 20,
       .play = PlayLockDelay},
  };
}

}  // namespace quorum::grader::locks
