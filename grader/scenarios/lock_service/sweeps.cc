// Each part by itself, and all at once, whatever goes wrong.

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/lock_service/acts.h"
#include "grader/scenarios/lock_service/crowd.h"
#include "grader/scenarios/lock_service/delay_rule.h"
#include "grader/scenarios/lock_service/election.h"
#include "grader/scenarios/lock_service/lock_rules.h"
#include "grader/scenarios/lock_service/plain_walker.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/scenarios/lock_service/stories.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;

constexpr Statement kGranted = {
    "lock.granted-soon",
    "Once the faults are over and sessions of the dead have ended, a lock that is free is granted "
    "within a second.",
    "Chubby, section 2.4; lab 4, part 4C"};

constexpr int kClients = 4;

constexpr char kFencedOff[] = "a candidate took itself for the leader, and the store knew better";

/// After all is over: nobody holds the locks any more, and each is granted as soon as it is free.
void DemandGrants(LockRoom& room) {
  DemandLocks(room);
  for (const NodeId client : room.clients()) {
    room.Demand(client, lock::user::kEndSession, {});
  }
  room.world().RunFor(room.options().lease * 2);
  for (int key = 0; key < 3; ++key) {
    std::vector<std::uint64_t> handles;
    std::vector<Acquired> waiting;
    for (const NodeId client : room.clients()) {
      handles.push_back(room.OpenFile(client, LockRoom::Path(fmt::format("{}", key))));
    }
    for (std::size_t number = 0; number < handles.size(); ++number) {
      waiting.push_back(BeginAcquire(room, LockRoom::Client(static_cast<int>(number)),
                                     handles[number], lock::EXCLUSIVE));
    }
    for (std::size_t got = 0; got < handles.size(); ++got) {
      std::size_t holder = handles.size();
      const bool granted = room.world().RunUntil(
          [&] {
            for (std::size_t one = 0; one < waiting.size(); ++one) {
              if (waiting[one] != nullptr && HasIt(waiting[one])) holder = one;
            }
            return holder < handles.size();
          },
          kSecond);
      room.stage().Require(kGranted, granted,
                           fmt::format("{} of 4 clients have held the lock {}; it is free, others "
                                       "wait, and a second later nobody has it.",
                                       got, key));
      waiting[holder] = nullptr;
      Release(room, LockRoom::Client(static_cast<int>(holder)), handles[holder]);
    }
  }
}

void SweepFiles(Stage& stage) {
  constexpr NodeId kSelf = 201;
  constexpr int kUsers = 3;
  LockRoom::Options options = DrawOptions(stage, 0);
  options.lease = 3600 * kSecond;
  LockRoom room(stage, options);
  History history;
  PlainClient client(room, kSelf);
  std::vector<std::unique_ptr<PlainWalker>> walkers;
  for (int user = 0; user < kUsers; ++user) {
    walkers.push_back(std::make_unique<PlainWalker>(room, history, client, user));
  }
  const auto& ops = stage.Ops([](sim::Rng& random, auto* drawn) {
    for (int number = 0; number < kUsers * 40; ++number) {
      faults::ClientOp& op = *drawn->Add();
      op.set_client(static_cast<std::uint32_t>(number % kUsers));
      Walker::Draw(random, op, {"read", "write", "compare"});
    }
  });
  for (const faults::ClientOp& op : ops) walkers[op.client()]->Add(op);
  for (const auto& walker : walkers) walker->DoNext();
  stage.Step("A client without the library, with three users, reads and writes three files.");
  faults::Scope scope;
  scope.clients = {kSelf};
  LetThingsGoWrong(room, scope, 4 * kSecond);
  const auto all_done = [&] {
    return std::all_of(walkers.begin(), walkers.end(), [](const auto& one) { return one->done(); });
  };
  stage.Require(kProgress, room.world().RunUntil(all_done, 120 * kSecond),
                "120 simulated seconds later a client still waits for an answer.");
  history.Judge(stage);
}

void SweepSessions(Stage& stage) {
  LockRoom room(stage, DrawOptions(stage, kClients));
  Crowd crowd(
      room, 60,
      {"announce", "absent", "session", "session", "read", "write", "close", "stat", "list"});
  LetThingsGoWrong(room, WithClients(room), 10 * kSecond);
  crowd.DemandDone();
  for (const NodeId client : room.clients()) room.Demand(client, lock::user::kEndSession, {});
  room.world().RunFor(room.options().lease * 3);
  stage.Require(kEnds, room.cell().state().sessions().empty(),
                "Every client has ended its session or died long ago, and a session is left.");
  for (const std::string& child : ChildrenOf(room.cell().state(), "/ls/local")) {
    stage.Require(kEnds, !child.starts_with("e-"),
                  "No session is left, and an ephemeral file is: " + child + ".");
  }
}

void SweepLocks(Stage& stage) {
  LockRoom room(stage, DrawOptions(stage, kClients));
  History history;
  room.world().Watch(history);
  Crowd crowd(room, 60,
              {"lock", "delay", "delay", "try", "unlock", "unlock", "holds", "holds", "compare",
               "read", "session"});
  LetThingsGoWrong(room, WithClients(room), 10 * kSecond);
  crowd.DemandDone();
  DemandGrants(room);
  history.Judge(stage);
}

void SweepWhateverHappens(Stage& stage) {
  LockRoom room(stage, DrawOptions(stage, kClients));
  Crowd crowd(room, 150);
  LetThingsGoWrong(room, WithClients(room), 18 * kSecond);
  crowd.DemandDone();
  DemandLocks(room);
}

/// Clocks jump and stand still: what the log orders holds nevertheless.
void SweepWildClocks(Stage& stage) {
  LockRoom::Options options = DrawOptions(stage, kClients);
  options.guarantee = false;
  LockRoom room(stage, options);
  Crowd crowd(room, 80);
  faults::Scope scope = WithClients(room);
  scope.clocks_out_of_bound = true;
  LetThingsGoWrong(room, scope, 12 * kSecond);
  room.world().RunFor(30 * kSecond);  // a clock that has jumped ahead makes leases long
  crowd.DemandDone();
  DemandLocks(room);
}

/// Somebody has every candidate write all the time, whoever of them leads.
class Voice {
 public:
  Voice(LockRoom& room, std::vector<NodeId> candidates)
      : room_(room), candidates_(std::move(candidates)) {
    Ask();
  }
  void Stop() { stopped_ = true; }

 private:
  void Ask() {
    if (stopped_) return;
    lock::WriteAsLeaderRequest request;
    request.set_key("k");
    request.set_value(fmt::format("{}", ++asked_));
    for (const NodeId candidate : candidates_) {
      room_.world().Invoke<lock::WriteAsLeaderRequest, lock::WriteAsLeaderResponse>(
          candidate, lock::kWriteAsLeader, request,
          [this, before = highest_](const absl::StatusOr<lock::WriteAsLeaderResponse>& answer) {
            if (!answer.ok()) return;
            if (answer->outcome() == lock::WriteAsLeaderResponse::FENCED) {
              room_.stage().Observe(kFencedOff);
            }
            if (answer->outcome() != lock::WriteAsLeaderResponse::WRITTEN) return;
            room_.stage().Require(kFenced, answer->generation() >= before,
                                  fmt::format("An order of generation {} was obeyed; it was given "
                                              "after one of generation {} had been obeyed.",
                                              answer->generation(), before));
            highest_ = std::max(highest_, answer->generation());
          });
    }
    room_.world().At(room_.world().now() + 20 * kMillisecond, [this] { Ask(); });
  }

  LockRoom& room_;
  const std::vector<NodeId> candidates_;
  std::uint64_t highest_ = 0;
  int asked_ = 0;
  bool stopped_ = false;
};

/// The clock of whoever leads stands still, and the cell is out of its reach: it takes itself for
/// the leader for as long as that lasts, and another one leads.
void StopTheClockOfTheLeader(LockRoom& room, const std::vector<NodeId>& candidates) {
  std::uint64_t generation = 0;
  const NodeId leader = WriteByLeader(room, candidates, "calm", generation);
  room.world().FreezeClock(leader, true);
  room.CutWay({leader}, room.servers(), true);
  room.CutWay(room.servers(), {leader}, true);
  room.stage().Step(fmt::format(
      "The clock of node {}, which leads, stands still, and no message passes between it "
      "and the cell.",
      leader));
  std::vector<NodeId> others = candidates;
  std::erase(others, leader);
  WriteByLeader(room, others, "by another one", generation);
  room.world().RunFor(200 * kMillisecond);
  room.world().FreezeClock(leader, false);
  room.CutWay({leader}, room.servers(), false);
  room.CutWay(room.servers(), {leader}, false);
  room.stage().Step(
      "Another one leads; the first one goes on giving orders. Its clock runs again.");
}

/// Fencing is all that is left when clocks are wild, which they are in half of the runs.
void SweepElections(Stage& stage) {
  LockRoom::Options options = DrawOptions(stage, 0);
  const bool wild = stage.random().Below(2) == 0;
  options.guarantee = !wild;
  LockRoom room(stage, options);
  stage.Watch<FencedStoreObeys>();
  const std::vector<NodeId> candidates = BootElection(room);
  faults::Scope scope;
  scope.clients = candidates;
  scope.clients_crash = true;
  scope.clocks_out_of_bound = wild;
  scope.clients.push_back(kStore);
  Voice voice(room, candidates);
  if (wild) StopTheClockOfTheLeader(room, candidates);
  LetThingsGoWrong(room, scope, 12 * kSecond);
  std::uint64_t generation = 0;
  WriteByLeader(room, candidates, "the end", generation);
  voice.Stop();
}

Scenario Sweep(const char* part, const char* name, const char* story, int points,
               void (*play)(Stage&), std::vector<const char*> must_observe = {}) {
  return {.lab = "lock_service",
          .part = part,
          .name = name,
          .story = story,
          .points = points,
          .seeds = 200,
          .profile = faults::Profile::kEverything,
          .must_observe = std::move(must_observe),
          .play = play};
}

}  // namespace

std::vector<Scenario> SweepScenarios() {
  return {
      Sweep(
          "4A", "FilesWhateverHappens",
          "Three clients without the library read and write three files, and write if nobody else "
          "has, while everything goes wrong that can: processes die and are stopped, links are cut "
          "and slow, disks are full, clocks run at the ends of their bound.",
          4, SweepFiles),
      Sweep("4B", "SessionsWhateverHappens",
            "Four clients make ephemeral files, read, write and close, while everything goes wrong "
            "that can, their own death included. At the end nothing of the dead is left.",
            2, SweepSessions, {kJeopardy, kExpired}),
      Sweep("4C", "LocksWhateverHappens",
            "Four clients lock, some of them with a lock-delay, try, release and compare while "
            "everything goes wrong that can. When it is over each lock is granted again and again.",
            4, SweepLocks, {kJeopardy, kExpired, kDelayed}),
      Sweep(
          "4D", "WhateverHappens",
          "Four clients read, write, lock and watch, while everything goes wrong that can: "
          "processes die and are stopped, links are cut and slow, clocks run at the ends of their "
          "bound.",
          3, SweepWhateverHappens, {kJeopardy, kExpired, kCached}),
      Sweep("4D", "WildClocks",
            "The same while clocks jump and stand still. Leases and caches say nothing then; what "
            "the log orders holds: locks, generations, sessions and events.",
            2, SweepWildClocks),
      Sweep("4E", "ElectionWhateverHappens",
            "Three candidates want to lead, and whoever takes itself for the leader writes to a "
            "store all the time, while everything goes wrong that can. In half of the runs clocks "
            "jump and stand still, too, the leader's own first of all.",
            2, SweepElections, {kFencedOff}),
  };
}

}  // namespace quorum::grader::locks
