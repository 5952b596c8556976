// Part 4B: what chance seldom does to sessions and to those who keep them.

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/lock_service/acts.h"
#include "grader/scenarios/lock_service/plain_client.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr Statement kOwn = {
    "lock.own-sessions",
    "A session is kept alive and ended by its own client only, as the transport names it.",
    "lock_service.proto; lab 4, part 4B"};

constexpr char kMasterDied[] = "the master died while a session was ending";
constexpr char kBelieved[] = "a client believed in its lock until its lease was over";
constexpr char kBackInTime[] = "a client was back before its grace period was over";
constexpr char kNotInTime[] = "a client was back when its session had expired";

std::uint64_t NumberOf(LockRoom& room, NodeId client) {
  return room.Demand(client, user::kGetSession, {}).session();
}

void DemandAlive(LockRoom& room, NodeId client, std::uint64_t session) {
  const auto now = room.Demand(client, user::kGetSession, {});
  room.stage().Require(kLives, now.state() == lock::VALID && now.session() == session,
                       fmt::format("Node {} had session {}; now it has {}, which is {}.", client,
                                   session, now.session(), lock::SessionState_Name(now.state())));
}

/// Locks, ephemeral files and a place in a queue, all of which end in one command.
void PlayEverythingGoes(Stage& stage) {
  LockRoom room(stage, {.clients = 3, .over_paxos = stage.random().Below(2) == 0});
  const NodeId dying = LockRoom::Client(0);
  const NodeId waiter = LockRoom::Client(1);
  const NodeId other = LockRoom::Client(2);
  for (int number = 0; number < 3; ++number) {
    const std::string name = LockRoom::Path(fmt::format("held-{}", number));
    stage.Require(kFair, room.TryLock(dying, room.OpenFile(dying, name), number * kSecond),
                  "A free lock was not given.");
    room.OpenFile(dying, LockRoom::Path(fmt::format("here-{}", number)), /*ephemeral=*/true);
  }
  room.OpenFile(dying, LockRoom::Path("both"), /*ephemeral=*/true);
  const std::uint64_t both = room.OpenFile(other, LockRoom::Path("both"), /*ephemeral=*/true);
  const std::uint64_t wanted = room.OpenFile(waiter, LockRoom::Path("wanted"));
  stage.Require(kFair, room.TryLock(waiter, wanted), "A free lock was not given.");
  BeginAcquire(room, dying, room.OpenFile(dying, LockRoom::Path("wanted")), lock::EXCLUSIVE);
  const std::uint64_t held = room.OpenFile(waiter, LockRoom::Path("held-0"));
  const Acquired waits = BeginAcquire(room, waiter, held, lock::EXCLUSIVE);
  room.world().RunFor(200 * kMillisecond);
  const std::uint64_t session = NumberOf(room, dying);
  room.CutOff(dying, true);
  stage.Step(
      "A client holds three locks, waits for a fourth, and has four ephemeral files open. "
      "It is cut off.");
  room.world().RunFor(room.options().lease * 3 / 4);
  const NodeId leader = room.AwaitLeader();
  const sim::SimTime later = stage.random().Between(0, 800) * kMillisecond;
  room.world().RunUntil([&] { return FindSession(room.cell().state(), session) == nullptr; },
                        later);
  if (stage.random().Below(2) == 0) {
    room.world().Crash(leader, false);
    stage.Observe(kMasterDied);
    stage.Step("The master dies about when its session ends.");
    room.world().RunFor(kSecond);
    room.world().Boot(leader);
  }
  stage.Require(kEnds, AwaitEnd(room, session),
                "A client is silent, and its session does not end.");
  room.world().RunUntil([&] { return HasIt(waits); }, 10 * kSecond);
  stage.Require(kFair, HasIt(waits),
                "The holder is gone, and whoever waits does not get the lock.");
  for (int number = 0; number < 3; ++number) {
    stage.Require(kEnds, !Exists(room, other, LockRoom::Path(fmt::format("here-{}", number))),
                  "A session has ended, and its ephemeral file is still there.");
  }
  stage.Require(kLives, Exists(room, waiter, LockRoom::Path("both")),
                "An ephemeral file that another session has open is gone.");
  Close(room, other, both);
  stage.Require(kEnds, !Exists(room, waiter, LockRoom::Path("both")),
                "Nobody has an ephemeral file open any more, and it is still there.");
  Release(room, waiter, wanted);
  stage.Require(kFair, room.TryLock(other, room.OpenFile(other, LockRoom::Path("wanted"))),
                "The only one who waited for a lock is dead, and it is not free.");
}

/// Whether it answers, and what, while the lease runs out, over which the rules watch.
void PlayJeopardy(Stage& stage) {
  LockRoom room(stage, {.clients = 2, .over_paxos = stage.random().Below(2) == 0});
  const NodeId holder = LockRoom::Client(0);
  const NodeId other = LockRoom::Client(1);
  const std::uint64_t held = room.OpenFile(holder, LockRoom::Path("f"));
  const std::uint64_t wanted = room.OpenFile(other, LockRoom::Path("f"));
  stage.Require(kFair, room.TryLock(holder, held), "A free lock was not given.");
  room.Contents(holder, held);
  const std::uint64_t session = NumberOf(room, holder);
  room.world().RunFor(stage.random().Between(0, 2000) * kMillisecond);
  const bool stopped = stage.random().Below(2) == 0;
  stopped ? room.world().Pause(holder) : room.CutOff(holder, true);
  stage.Step(
      fmt::format("The holder of a lock, who has read the lock's file, is {}. Another client "
                  "waits for the lock and writes the file.",
                  stopped ? "stopped" : "cut off"));
  const Acquired waits = BeginAcquire(room, other, wanted, lock::EXCLUSIVE);
  lock::SetContentsRequest write;
  write.set_handle(wanted);
  write.set_contents("new");
  const auto written = room.Begin(other, user::kSetContents, write);
  const sim::SimTime away = stage.random().Between(1'000, 14'000) * kMillisecond;
  const sim::SimTime back = room.world().now() + away;
  while (room.world().now() < back) {
    if (!stopped) AskWhatItBelieves(room, holder, held);
    room.world().RunFor(20 * kMillisecond);
  }
  if (stopped) AskWhatItBelieves(room, holder, held);
  stopped ? room.world().Resume(holder) : room.CutOff(holder, false);
  for (int time = 0; time < 100; ++time) {
    AskWhatItBelieves(room, holder, held);
    room.world().RunFor(10 * kMillisecond);
  }
  const bool expired = FindSession(room.cell().state(), session) == nullptr;
  stage.Observe(expired ? kNotInTime : kBackInTime);
  stage.Step(fmt::format("It is back after {} ms; its session {}.", away / kMillisecond,
                         expired ? "has ended" : "lives"));
  if (expired) {
    stage.Require(kEnds, room.SessionOf(holder) != lock::VALID,
                  "A session has ended, and its client says that it is valid.");
    room.world().RunUntil([&] { return HasIt(waits) && written->answer; }, 10 * kSecond);
    stage.Require(kFair, HasIt(waits), "The holder is gone, and whoever waits has no lock.");
    room.OpenFile(holder, LockRoom::Path("f"));  // in a new session
    for (int time = 0; time < 5; ++time) {
      AskWhatItBelieves(room, holder, held);
      room.world().RunFor(10 * kMillisecond);
    }
  } else {
    DemandAlive(room, holder, session);
  }
}

/// A session is extended and ended by its own client only.
void DemandThatOthersCannot(Stage& stage, LockRoom& room, const PlainClient& owner) {
  PlainClient other(room, 203);
  const auto expect = [&](const char* what, const absl::Status& status) {
    stage.Require(
        kOwn, absl::IsPermissionDenied(status),
        fmt::format("{} of another client's session is answered: {}.", what, status.ToString()));
  };
  lock::KeepAliveRequest keep;
  keep.set_session(owner.session());
  expect("KeepAlive", other.Ask(lock::kKeepAlive, keep).status());
  lock::EndSessionRequest end;
  end.set_session(owner.session());
  expect("EndSession", other.Ask(lock::kEndSession, end).status());
}

/// A client of which nothing is heard asks for something when its session has ended.
void PlayEndedSessions(Stage& stage) {
  LockRoom room(stage, {.snapshot_every = 10, .over_paxos = stage.random().Below(2) == 0});
  PlainClient client(room, 201);
  lock::OpenRequest open;
  open.set_path(LockRoom::Path("f"));
  open.set_write(true);
  open.set_create(lock::OpenRequest::IF_ABSENT);
  *open.mutable_call() = client.NewCall();
  const auto file = client.Ask(lock::kOpen, open);
  stage.Require(kFiles, file.ok() && file->handle() != 0, "A file was not made.");
  DemandThatOthersCannot(stage, room, client);
  stage.Require(kEnds, AwaitEnd(room, client.session()),
                "A client is silent, and its session does not end.");
  stage.Step(
      "A client opens a file, of whose session another one can do nothing, and is silent until it "
      "has "
      "ended.");
  if (stage.random().Below(2) == 0) {
    for (const NodeId server : room.servers()) room.world().Crash(server, false);
    for (const NodeId server : room.servers()) room.world().Boot(server);
    stage.Step("All servers restart.");
  }
  const auto expect = [&](const char* what, const absl::Status& status) {
    stage.Require(
        kEnds, absl::IsUnauthenticated(status),
        fmt::format("{} of a session that has ended is answered: {}.", what, status.ToString()));
  };
  *open.mutable_call() = client.NewCall();
  expect("Open", client.Ask(lock::kOpen, open).status());
  lock::TryAcquireRequest acquire;
  *acquire.mutable_call() = client.NewCall();
  acquire.set_handle(file->handle());
  acquire.set_mode(lock::EXCLUSIVE);
  expect("TryAcquire", client.Ask(lock::kTryAcquire, acquire).status());
  lock::GetStatRequest stat;
  *stat.mutable_call() = client.Reading();
  stat.set_handle(file->handle());
  expect("GetStat", client.Ask(lock::kGetStat, stat).status());
  lock::KeepAliveRequest keep;
  keep.set_session(client.session());
  expect("KeepAlive", client.Ask(lock::kKeepAlive, keep).status());
  lock::EndSessionRequest end;
  end.set_session(client.session());
  expect("EndSession", client.Ask(lock::kEndSession, end).status());
  PlainClient next(room, 202);
  stage.Require(kEnds, next.session() > client.session(),
                "A new session has a number that is not larger than an earlier one's.");
}

/// Clocks at the ends of a wide bound: the client's lease ends before the master's.
void PlayClockRates(Stage& stage) {
  constexpr std::int32_t kBound = 50'000;
  LockRoom room(
      stage,
      {.clients = 2, .over_paxos = stage.random().Below(2) == 0, .clock_rate_bound_ppm = kBound});
  const bool fast_servers = stage.random().Below(4) != 0;
  for (const NodeId server : room.servers()) {
    room.world().SetClockRate(server, fast_servers ? kBound : -kBound);
  }
  for (const NodeId client : room.clients()) {
    room.world().SetClockRate(client, fast_servers ? -kBound : kBound);
  }
  stage.Step(fmt::format("Clocks of servers are {} by 5%, those of clients {}.",
                         fast_servers ? "fast" : "slow", fast_servers ? "slow" : "fast"));
  const NodeId holder = LockRoom::Client(0);
  const std::uint64_t held = room.OpenFile(holder, LockRoom::Path("f"));
  stage.Require(kFair, room.TryLock(holder, held), "A free lock was not given.");
  const std::uint64_t session = NumberOf(room, holder);
  for (int lease = 0; lease < 6; ++lease) {
    room.world().RunFor(room.options().lease);
    DemandAlive(room, holder, session);
  }
  room.CutWay({holder}, room.servers(), true);
  stage.Step("A client keeps its session for six leases; then what it sends arrives no more.");
  std::shared_ptr<const LockRoom::Pending<lock::GetSessionResponse>> last;
  do {
    AskWhatItBelieves(room, holder, held);
    last = room.Begin(holder, user::kGetSession, lock::GetSessionRequest());
    room.world().RunFor(kMillisecond);
  } while (last->answer && (*last->answer)->state() == lock::VALID);
  stage.Observe(kBelieved);
  stage.Require(kEnds, AwaitEnd(room, session),
                "A client is silent, and its session does not end.");
}

/// Messages between servers take longer from now on; 0: no more.
void SlowDownTheLog(LockRoom& room, sim::SimTime by) {
  faults::Link link;
  link.set_extra_delay_ns(by);
  for (const NodeId from : room.servers()) {
    for (const NodeId to : room.servers()) {
      if (from != to) room.world().network().SetLink(from, to, link);
    }
  }
}

/// Answers to KeepAlives come late: the lease that they grant began when they were asked for, or
/// held no longer; not when the log had confirmed the master. And whoever takes a slow master for a
/// dead one searches the others, the longer the more there are.
void PlayLateKeepAlives(Stage& stage) {
  const bool many = stage.random().Below(2) == 0;
  const bool slow_log = !many && stage.random().Below(2) == 0;
  LockRoom room(
      stage, {.servers = many ? 5 : 3, .clients = 2, .over_paxos = stage.random().Below(2) == 0});
  const NodeId holder = LockRoom::Client(0);
  const std::uint64_t held = room.OpenFile(holder, LockRoom::Path("f"));
  stage.Require(kFair, room.TryLock(holder, held), "A free lock was not given.");
  const std::uint64_t session = NumberOf(room, holder);
  faults::Link slow;
  slow.set_extra_delay_ns(stage.random().Between(many ? 400 : 20, slow_log ? 200 : 700) *
                          kMillisecond);
  if (slow_log) SlowDownTheLog(room, stage.random().Between(40, 90) * kMillisecond);
  for (const NodeId server : room.servers()) {
    const bool to_client = slow_log || stage.random().Below(2) == 0;
    to_client ? room.world().network().SetLink(server, holder, slow)
              : room.world().network().SetLink(holder, server, slow);
  }
  stage.Step(fmt::format("Between servers and a client each message takes {} ms one way{}.",
                         slow.extra_delay_ns() / kMillisecond,
                         slow_log ? ", and servers hear each other late, too" : ""));
  bool lives = true;
  const auto ask_for = [&](sim::SimTime duration) {
    const sim::SimTime until = room.world().now() + duration;
    while (room.world().now() < until) {
      AskWhatItBelieves(room, holder, held);
      room.world().RunFor(5 * kMillisecond);
      stage.Require(kLives, !lives || FindSession(room.cell().state(), session) != nullptr,
                    "A client and the servers can talk, if slowly, and the cell has ended its "
                    "session.");
    }
  };
  ask_for(stage.random().Between(4'000, 20'000) * kMillisecond);
  lives = false;
  stage.Require(kLives, NumberOf(room, holder) == session,
                "A client and the servers can talk, if slowly, and its session has ended.");
  room.CutWay({holder}, room.servers(), true);
  stage.Step("Then what it sends arrives no more.");
  ask_for(room.options().lease * 9 / 10);  // until the KeepAlive that is held has been answered
  SlowDownTheLog(room, 0);
  ask_for(room.options().lease * 3);
  stage.Observe(kBelieved);
  stage.Require(kEnds, FindSession(room.cell().state(), session) == nullptr,
                "Nothing was heard of a client for three leases, and its session has not ended.");
}

/// One fail-over in another: stopped, killed, or cut off one way or both.
void PlayDoubleFailOver(Stage& stage) {
  LockRoom room(stage, {.servers = 5, .clients = 3, .over_paxos = stage.random().Below(2) == 0});
  std::vector<std::uint64_t> sessions;
  for (const NodeId client : room.clients()) {
    const std::uint64_t held = room.OpenFile(client, LockRoom::Path(fmt::format("of-{}", client)));
    stage.Require(kFair, room.TryLock(client, held), "A free lock was not given.");
    sessions.push_back(NumberOf(room, client));
  }
  std::vector<std::function<void()>> mend;
  for (int fail_over = 0; fail_over < 2; ++fail_over) {
    const NodeId leader = room.AwaitLeader();
    const std::vector<NodeId> servers = room.servers();
    std::vector<NodeId> all = servers;
    for (const NodeId client : room.clients()) all.push_back(client);
    switch (stage.random().Below(4)) {
      case 0:
        room.world().Crash(leader, stage.random().Below(2) == 0);
        mend.emplace_back([&room, leader] { room.world().Boot(leader); });
        stage.Step(fmt::format("Node {}, the master, dies.", leader));
        break;
      case 1:
        room.world().Pause(leader);
        mend.emplace_back([&room, leader] { room.world().Resume(leader); });
        stage.Step(fmt::format("Node {}, the master, is stopped.", leader));
        break;
      case 2:
        room.CutOff(leader, true);
        mend.emplace_back([&room, leader] { room.CutOff(leader, false); });
        stage.Step(fmt::format("Node {}, the master, is cut off.", leader));
        break;
      default:
        room.CutWay({leader}, all, true);
        mend.emplace_back([&room, leader, all] { room.CutWay({leader}, all, false); });
        stage.Step(fmt::format("What node {}, the master, sends arrives nowhere.", leader));
    }
    room.world().RunFor(stage.random().Between(200, 1'500) * kMillisecond);
  }
  room.world().RunFor(stage.random().Between(500, 2'000) * kMillisecond);
  for (const auto& one : mend) one();
  stage.Step("Two masters were lost, one after the other; both are back.");
  room.world().RunFor(room.options().lease);
  for (std::size_t number = 0; number < sessions.size(); ++number) {
    DemandAlive(room, LockRoom::Client(static_cast<int>(number)), sessions[number]);
  }
}

/// Many sessions at once, half of which end at once.
void PlayStorm(Stage& stage) {
  constexpr int kClients = 24;
  LockRoom room(stage, {.clients = kClients, .snapshot_every = 25});
  std::vector<std::shared_ptr<const LockRoom::Pending<lock::OpenResponse>>> opened;
  for (const NodeId client : room.clients()) {
    lock::OpenRequest request;
    request.set_path(LockRoom::Path(fmt::format("of-{}", client)));
    request.set_create(lock::OpenRequest::IF_ABSENT);
    request.set_ephemeral(true);
    opened.push_back(room.Begin(client, user::kOpen, request));
  }
  stage.Step("24 clients begin a session at the same time.");
  const bool dies = stage.random().Below(2) == 0;
  if (dies) {
    room.world().RunFor(stage.random().Between(1, 300) * kMillisecond);
    const NodeId leader = room.AwaitLeader();
    room.world().Crash(leader, false);
    room.world().RunFor(500 * kMillisecond);
    room.world().Boot(leader);
    stage.Step("The master dies meanwhile, and restarts.");
  }
  const auto all_opened = [&] {
    return std::all_of(opened.begin(), opened.end(),
                       [](const auto& one) { return one->answer && one->answer->ok(); });
  };
  stage.Require(kProgress, room.world().RunUntil(all_opened, 30 * kSecond),
                "30 simulated seconds later a client has no session yet.");
  std::vector<NodeId> living;
  for (const NodeId client : room.clients()) {
    if (client % 2 == 0) {
      room.world().Crash(client, false);
    } else {
      living.push_back(client);
    }
  }
  stage.Step("Half of them die.");
  room.world().RunFor(room.options().lease * 3);
  std::vector<std::string> wanted;
  for (const NodeId client : living) wanted.push_back(fmt::format("of-{}", client));
  stage.Require(kLives, ChildrenOf(room.cell().state(), "/ls/local") == wanted,
                "Three leases later the ephemeral files are not just those of the living.");
  for (const NodeId client : living) {
    stage.Require(kLives, room.SessionOf(client) == lock::VALID,
                  "A client that runs has lost its session.");
  }
}

/// Every server restarts from a snapshot in which sessions live.
void PlayFromSnapshots(Stage& stage) {
  LockRoom room(stage,
                {.clients = 3, .snapshot_every = 8, .over_paxos = stage.random().Below(2) == 0});
  const NodeId holder = LockRoom::Client(0);
  const NodeId waiter = LockRoom::Client(1);
  const NodeId writer = LockRoom::Client(2);
  const std::uint64_t held = room.OpenFile(holder, LockRoom::Path("f"));
  const auto first = room.Demand(holder, user::kAcquire, Acquiring(held, lock::EXCLUSIVE));
  const std::uint64_t wanted = room.OpenFile(waiter, LockRoom::Path("f"));
  const Acquired waits = BeginAcquire(room, waiter, wanted, lock::EXCLUSIVE);
  room.OpenFile(waiter, LockRoom::Path("here"), /*ephemeral=*/true);
  const std::uint64_t file = room.OpenFile(writer, LockRoom::Path("g"));
  const std::uint64_t session = NumberOf(room, holder);
  for (int round = 0; round < 3; ++round) {
    for (int write = 0; write < 10; ++write) room.SetContents(writer, file, "x");
    room.world().RunFor(100 * kMillisecond);
    for (const NodeId server : room.servers()) {
      room.world().Crash(server, stage.random().Below(2) == 0);
    }
    room.world().RunFor(stage.random().Between(0, 1000) * kMillisecond);
    for (const NodeId server : room.servers()) room.world().Boot(server);
    stage.Step("All servers restart, from a snapshot and what follows it.");
    room.world().RunFor(room.options().lease);
  }
  DemandAlive(room, holder, session);
  stage.Require(kSequencer, IsValid(room, writer, first.sequencer()),
                "A lock is held all the time, and its sequencer is not valid.");
  stage.Require(kLives, Exists(room, writer, LockRoom::Path("here")),
                "An ephemeral file of a session that lives is gone.");
  stage.Require(kFair, !HasIt(waits), "A lock that is held was given to somebody else.");
  Release(room, holder, held);
  room.world().RunUntil([&] { return HasIt(waits); }, 10 * kSecond);
  stage.Require(
      kFair,
      HasIt(waits) && (*waits->answer)->sequencer().generation() > first.sequencer().generation(),
      "A lock was released, and who waits for it does not have it with a larger "
      "generation.");
}

}  // namespace

std::vector<Scenario> SessionChoreographies() {
  const auto scenario = [](const char* name, const char* story, int points, void (*play)(Stage&),
                           std::vector<const char*> must_observe = {}) {
    return Scenario{.lab = "lock_service",
                    .part = "4B",
                    .name = name,
                    .story = story,
                    .points = points,
                    .seeds = 20,
                    .must_observe = std::move(must_observe),
                    .play = play};
  };
  return {
      scenario(
          "EverythingGoes",
          "A client with locks, ephemeral files and a place in a queue is cut off; perhaps the "
          "master dies when its session ends. All that it had goes in one step.",
          2, PlayEverythingGoes, {kMasterDied}),
      scenario("Jeopardy",
               "The holder of a lock is cut off, or stopped, and asked what it believes all the "
               "time; it comes back within its grace period, or later.",
               3, PlayJeopardy, {kBackInTime, kNotInTime}),
      scenario(
          "EndedSessions",
          "Nobody else keeps a client's session alive or ends it. The client is silent until it "
          "has ended, and then goes on as if it had not.",
          2, PlayEndedSessions),
      scenario(
          "ClockRates",
          "Clocks run at the ends of a wide bound. A client keeps its session, and is cut off; "
          "until its lease is over it is asked what it believes.",
          2, PlayClockRates, {kBelieved}),
      scenario("LateKeepAlives",
               "Messages between a client and the servers take long, and then those of the client "
               "arrive no more. It is asked what it believes all the time.",
               2, PlayLateKeepAlives, {kBelieved}),
      scenario(
          "DoubleFailOver",
          "The master dies, is stopped or cut off, perhaps one way, and then the next one, all "
          "within the grace period. No session is lost.",
          2, PlayDoubleFailOver),
      scenario("Storm", "24 clients begin their sessions at once, and half of them die at once.", 1,
               PlayStorm),
      scenario("FromSnapshots",
               "All servers restart three times, from snapshots in which sessions hold locks, wait "
               "for them and have ephemeral files.",
               2, PlayFromSnapshots),
  };
}

}  // namespace quorum::grader::locks
