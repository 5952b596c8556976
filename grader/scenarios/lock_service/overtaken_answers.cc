// Answers that are overtaken: by the end of what they say (4C), by its invalidation (4D).

#include <fmt/format.h>

#include "grader/scenarios/lock_service/acts.h"
#include "grader/scenarios/lock_service/lock_room.h"
#include "grader/scenarios/lock_service/lock_rules.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr char kOvertaken[] = "a change was done while an older answer was on its way";

constexpr char kReleasedFirst[] = "a lock was given up before its Acquire was answered";

/// Answers and KeepAlives that are sent to `client` from now on take longer; 0: no more.
void SlowDown(LockRoom& room, NodeId client, sim::SimTime by) {
  faults::Link link;
  link.set_extra_delay_ns(by);
  for (const NodeId server : room.servers()) room.world().network().SetLink(server, client, link);
}

/// `ask` asks for something that is not cached, `change` changes it, and `ask` once more is judged
/// by the rules. What that brings may be cached, as nothing changes any more: so may a third answer
/// be.
template <class Ask, class Change>
void Overtake(LockRoom& room, NodeId reader, const Ask& ask, const Change& change) {
  sim::Rng& random = room.stage().random();
  SlowDown(room, reader, random.Between(80, 160) * kMillisecond);
  const auto answer = ask();
  room.world().RunFor(random.Between(2, 20) * kMillisecond);  // until the answer is on its way
  SlowDown(room, reader, 0);
  change();
  if (!answer->answer) room.stage().Observe(kOvertaken);
  room.world().RunUntil([&] { return answer->answer.has_value(); }, kPatience);
  for (int again = 0; again < 2; ++again) {
    ask();
    room.world().RunFor(200 * kMillisecond);
  }
}

void PlayOvertakenAnswers(Stage& stage) {
  LockRoom room(stage, {.clients = 2, .over_paxos = stage.random().Below(2) == 0});
  const NodeId writer = LockRoom::Client(0);
  const NodeId reader = LockRoom::Client(1);
  const std::uint64_t written = room.OpenFile(writer, LockRoom::Path("f"));
  lock::GetContentsAndStatRequest read;
  read.set_handle(room.OpenFile(reader, LockRoom::Path("f")));
  room.world().RunFor(kSecond);
  stage.Step(
      "A client reads a file, and looks for others that are not there. While the answer is on its "
      "way another client writes the file, or makes what was looked for.");
  for (int round = 0; round < 6; ++round) {
    room.SetContents(writer, written, fmt::format("{}, to be read", round));
    Overtake(
        room, reader, [&] { return room.Begin(reader, user::kGetContentsAndStat, read); },
        [&] { room.SetContents(writer, written, fmt::format("{}", round)); });
    lock::OpenRequest absent;
    absent.set_path(LockRoom::Path(fmt::format("new-{}", round)));
    Overtake(
        room, reader, [&] { return room.Begin(reader, user::kOpen, absent); },
        [&] { room.OpenFile(writer, absent.path()); });
  }
}

void PlayReleasedMeanwhile(Stage& stage) {
  LockRoom room(stage, {.clients = 1, .over_paxos = stage.random().Below(2) == 0});
  const NodeId client = LockRoom::Client(0);
  const std::string path = LockRoom::Path("f");
  stage.Step("A client acquires a lock, and releases it or closes the file before it is answered.");
  for (int round = 0; round < 8; ++round) {
    const std::uint64_t handle = room.OpenFile(client, path);
    room.world().RunFor(500 * kMillisecond);
    SlowDown(room, client, stage.random().Between(80, 160) * kMillisecond);
    const auto acquired = room.Begin(client, user::kAcquire, Acquiring(handle, lock::EXCLUSIVE));
    room.world().RunUntil([&] { return FindNode(room.cell().state(), path)->holders_size() > 0; },
                          kPatience);
    room.world().RunFor(stage.random().Between(1, 20) * kMillisecond);  // until it is on its way
    SlowDown(room, client, 0);
    lock::CloseRequest close;
    close.set_handle(handle);
    lock::ReleaseRequest release;
    release.set_handle(handle);
    const bool closes = round % 2 == 0;
    closes ? void(room.Do(client, user::kClose, close))
           : void(room.Do(client, user::kRelease, release));
    if (!acquired->answer) stage.Observe(kReleasedFirst);
    room.world().RunUntil([&] { return acquired->answer.has_value(); }, kPatience);
    stage.Require(kProgress, acquired->answer.has_value(), "An Acquire is not answered.");
    if (closes) continue;
    room.HoldsLock(client, handle);  // which the rules judge
    room.Demand(client, user::kClose, close);
  }
}

}  // namespace

std::vector<Scenario> OvertakingScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4C",
       .name = "ReleasedMeanwhile",
       .story = "A client asks for a lock; while the answer is on its way it releases the lock, "
                "or closes the file.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kReleasedFirst},
       .play = PlayReleasedMeanwhile},
      {.lab = "lock_service",
       .part = "4D",
       .name = "OvertakenAnswers",
       .story = "What a client reads is changed while the answer is on its way, and of the "
                "change it hears before the answer comes.",
       .points = 1,
       .seeds = 20,
       .must_observe = {kOvertaken, kCached},
       .play = PlayOvertakenAnswers}};
}

}  // namespace quorum::grader::locks
