// Part 4C: what must be refused, tokens that rise whatever happens, and queues that outlive
// masters.

#include <fmt/format.h>

#include "grader/scenarios/lock_service/acts.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr char kMasterDied[] = "the master died while clients waited for a lock";

/// Demands how a request of the library's user is answered.
template <class Request, class Response>
void Expect(LockRoom& room, NodeId client, const Method<Request, Response>& method,
            const Request& request, absl::StatusCode code, const char* what) {
  const auto answer = room.Do(client, method, request);
  room.stage().Require(kCalls, answer.status().code() == code,
                       fmt::format("{}: the answer is {}, and should be {}.", what,
                                   answer.status().ToString(), absl::StatusCodeToString(code)));
}

lock::TryAcquireRequest Trying(std::uint64_t handle, lock::LockMode mode) {
  lock::TryAcquireRequest request;
  request.set_handle(handle);
  request.set_mode(mode);
  return request;
}

void PlayRefusals(Stage& stage) {
  constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  LockRoom room(stage, {.clients = 2, .over_paxos = stage.random().Below(2) == 0});
  const NodeId one = LockRoom::Client(0);
  const NodeId other = LockRoom::Client(1);
  const std::string path = LockRoom::Path("f");
  const std::uint64_t mine = room.OpenFile(one, path);
  const std::uint64_t again = room.OpenFile(one, path);
  const std::uint64_t others = room.OpenFile(other, path);
  lock::ReleaseRequest release;
  release.set_handle(mine);
  Expect(room, one, user::kRelease, release, kPrecondition,
         "A handle that holds no lock releases it");
  const auto first = room.Demand(one, user::kAcquire, Acquiring(mine, lock::SHARED));
  const auto second = room.Demand(other, user::kAcquire, Acquiring(others, lock::SHARED));
  stage.Require(kSequencer, first.sequencer().generation() == second.sequencer().generation(),
                "Two share a lock, and it has two generations.");
  Expect(room, one, user::kAcquire, Acquiring(mine, lock::EXCLUSIVE, kSecond), kPrecondition,
         "A handle that shares a lock wants to hold it exclusively");
  Expect(room, one, user::kTryAcquire, Trying(mine, lock::SHARED), kPrecondition,
         "A handle that shares a lock tries to share it once more");
  Expect(room, one, user::kTryAcquire, Trying(mine, lock::LOCK_MODE_UNKNOWN),
         absl::StatusCode::kInvalidArgument, "A lock is tried in no mode");
  release.set_handle(again);
  Expect(room, one, user::kRelease, release, kPrecondition,
         "A lock is released by another handle than the one that holds it");
  const auto waits = room.Begin(one, user::kAcquire, Acquiring(again, lock::EXCLUSIVE));
  room.world().RunFor(200 * kMillisecond);
  Expect(room, one, user::kTryAcquire, Trying(again, lock::SHARED), kPrecondition,
         "A handle that waits for a lock tries to share it");
  lock::DeleteRequest remove;
  remove.set_handle(mine);
  Expect(room, one, user::kDelete, remove, kPrecondition, "A file whose lock is held is deleted");
  stage.Require(kCalls, room.HoldsLock(one, mine) && room.HoldsLock(other, others),
                "Two share a lock, and have released nothing; one of them does not hold it.");
  Release(room, other, others);
  stage.Require(kCalls, IsValid(room, other, first.sequencer()),
                "One of two who share a lock has released it, and the other's sequencer is not "
                "valid.");
  stage.Require(kSequencer, !IsValid(room, one, second.sequencer()),
                "One of two who share a lock has released it, and its sequencer is still valid.");
  Release(room, one, mine);
  room.world().RunUntil([&] { return HasIt(waits); }, 10 * kSecond);
  stage.Require(kFair, HasIt(waits), "A lock is free, and who waits for it does not get it.");
  lock::OpenRequest read_only;
  read_only.set_path(path);
  const std::uint64_t reading = room.Demand(other, user::kOpen, read_only).handle();
  Expect(room, other, user::kTryAcquire, Trying(reading, lock::SHARED),
         absl::StatusCode::kPermissionDenied, "A handle that is not open for writing locks");
  Close(room, one, again);
  stage.Require(kFair, room.TryLock(other, others),
                "The handle that held a lock is closed, and the lock is not free.");
  stage.Step("Two clients ask for what locks do not allow.");
}

/// The handle that had `before` acquires the lock once more, and releases it. Returns the
/// generation.
std::uint64_t AcquireAgain(LockRoom& room, NodeId client, std::uint64_t handle,
                           const lock::Sequencer& before) {
  const auto taken = room.Demand(client, user::kAcquire, Acquiring(handle, lock::EXCLUSIVE));
  room.stage().Require(
      kSequencer, !IsValid(room, client, before),
      "A handle has released a lock and acquired it again, and the sequencer of the "
      "first time is valid.");
  Release(room, client, handle);
  return taken.sequencer().generation();
}

void PlayTokens(Stage& stage) {
  LockRoom room(stage,
                {.clients = 2, .snapshot_every = 6, .over_paxos = stage.random().Below(2) == 0});
  std::uint64_t highest = 0;
  std::vector<lock::Sequencer> old;
  for (int round = 0; round < 8; ++round) {
    const NodeId client = LockRoom::Client(round % 2);
    const std::string path = LockRoom::Path(round % 4 < 2 ? "f" : "g");
    const std::uint64_t handle = room.OpenFile(client, path);
    const auto taken = room.Demand(client, user::kAcquire, Acquiring(handle, lock::EXCLUSIVE));
    stage.Require(kSequencer, taken.acquired() && taken.sequencer().generation() > highest,
                  fmt::format("A lock was acquired with generation {} after another with {}.",
                              taken.sequencer().generation(), highest));
    highest = taken.sequencer().generation();
    lock::GetSequencerRequest get;
    get.set_handle(handle);
    const auto got = room.Demand(client, user::kGetSequencer, get).sequencer();
    stage.Require(kSequencer,
                  got.SerializeAsString() == taken.sequencer().SerializeAsString() &&
                      IsValid(room, LockRoom::Client(1 - round % 2), got),
                  "The sequencer of a lock that is held is another one, or not valid.");
    for (const lock::Sequencer& before : old) {
      stage.Require(
          kSequencer, !IsValid(room, client, before),
          fmt::format("The sequencer of generation {} of {} is valid; by now there is {}.",
                      before.generation(), before.path(), highest));
    }
    old.push_back(got);
    Release(room, client, handle);
    if (stage.random().Below(2) == 0) highest = AcquireAgain(room, client, handle, got);
    if (stage.random().Below(2) == 0) {
      lock::DeleteRequest remove;
      remove.set_handle(handle);
      room.Demand(client, user::kDelete, remove);
    } else {
      Close(room, client, handle);
    }
    if (stage.random().Below(3) != 0) continue;
    for (const NodeId server : room.servers()) room.world().Crash(server, true);
    for (const NodeId server : room.servers()) room.world().Boot(server);
    stage.Step("All servers restart.");
  }
  stage.Step("Two clients lock two files in turn, and now and then delete them.");
}

void PlayQueue(Stage& stage) {
  constexpr int kClients = 6;
  LockRoom room(stage, {.clients = kClients,
                        .snapshot_every = stage.random().Below(2) == 0 ? 10u : 0u,
                        .over_paxos = stage.random().Below(2) == 0});
  std::vector<std::uint64_t> handles;
  for (const NodeId client : room.clients()) {
    handles.push_back(room.OpenFile(client, LockRoom::Path("lock")));
  }
  stage.Require(kFair, room.TryLock(LockRoom::Client(0), handles[0]), "A free lock was not given.");
  std::vector<Acquired> waiting;
  for (int number = 1; number < kClients; ++number) {
    const bool impatient = number == 3;
    waiting.push_back(BeginAcquire(room, LockRoom::Client(number),
                                   handles[static_cast<std::size_t>(number)], lock::EXCLUSIVE,
                                   impatient ? 500 * kMillisecond : 0));
    room.world().RunFor(100 * kMillisecond);
  }
  stage.Step("One client holds a lock, five wait for it, of whom one gives up.");
  if (stage.random().Below(3) != 0) {
    const NodeId leader = room.AwaitLeader();
    room.world().Crash(leader, stage.random().Below(2) == 0);
    stage.Observe(kMasterDied);
    stage.Step("The master dies, and restarts.");
    room.world().RunFor(stage.random().Between(0, 1'500) * kMillisecond);
    room.world().Boot(leader);
  }
  room.world().RunFor(4 * kSecond);
  stage.Require(kFair, waiting[2]->answer && waiting[2]->answer->ok() && !HasIt(waiting[2]),
                "The patience of one who waits is over, and it is not told that it has no lock.");
  std::uint64_t generation = 0;
  for (int number = 0; number < kClients; ++number) {
    if (number == 3) continue;
    const auto at = static_cast<std::size_t>(number);
    if (number > 0) {
      room.world().RunUntil([&] { return HasIt(waiting[at - 1]); }, 5 * kSecond);
      stage.Require(kFair, HasIt(waiting[at - 1]),
                    fmt::format("The lock is free and node {} is next, but does not get it.",
                                LockRoom::Client(number)));
      const std::uint64_t own = (*waiting[at - 1]->answer)->sequencer().generation();
      stage.Require(kSequencer, own > generation, "The next holder has no larger generation.");
      generation = own;
    }
    for (int later = number + 1; later < kClients; ++later) {
      stage.Require(kFair, !HasIt(waiting[static_cast<std::size_t>(later) - 1]),
                    "Somebody who came later has the lock.");
    }
    Release(room, LockRoom::Client(number), handles[at]);
  }
  stage.Require(kFair, room.TryLock(LockRoom::Client(3), handles[3]),
                "Everyone has released the lock or given up, and it is not free.");
}

}  // namespace

std::vector<Scenario> LockChoreographies() {
  return {
      {.lab = "lock_service",
       .part = "4C",
       .name = "Refusals",
       .story =
           "Two clients ask for what locks do not allow: to hold them twice, or in both modes, "
           "to release what they do not hold, to delete what is locked.",
       .points = 3,
       .seeds = 20,
       .play = PlayRefusals},
      {.lab = "lock_service",
       .part = "4C",
       .name = "Tokens",
       .story =
           "Two clients lock two files in turn, which are deleted and made again, while servers "
           "restart from snapshots. Each acquisition has a larger generation.",
       .points = 2,
       .seeds = 20,
       .play = PlayTokens},
      {.lab = "lock_service",
       .part = "4C",
       .name = "Queue",
       .story = "Five clients wait for a lock, one of whom gives up; perhaps the master dies. The "
                "others get it in the order in which they came.",
       .points = 2,
       .seeds = 20,
       .must_observe = {kMasterDied},
       .play = PlayQueue},
  };
}

}  // namespace quorum::grader::locks
