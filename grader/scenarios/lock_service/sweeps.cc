// All parts at once, whatever goes wrong.

#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/lock_service/lock_rules.h"
#include "grader/scenarios/lock_service/stories.h"
#include "grader/scenarios/lock_service/walker.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
namespace user = quorum::lock_service::user;

constexpr char kJeopardy[] = "a client was in jeopardy and safe again";
constexpr char kExpired[] = "a session expired";

/// Listens to what libraries tell.
class Listener final : public sim::Monitor {
 public:
  Listener(Stage& stage, LockRoom& room) : stage_(stage), room_(room) {}

  void Listen(NodeId client, std::uint64_t after) {
    lock::NextEventsRequest request;
    request.set_after(after);
    room_.world().Invoke<lock::NextEventsRequest, lock::NextEventsResponse>(
        client, user::kNextEvents, request,
        [this, client, after](const absl::StatusOr<lock::NextEventsResponse>& answer) {
          if (!answer.ok()) {
            room_.world().At(room_.world().now() + kSecond, [this, client] { Listen(client, 0); });
            return;
          }
          for (const lock::Event& event : answer->events()) {
            if (event.kind() == lock::SAFE) stage_.Observe(kJeopardy);
            if (event.kind() == lock::SESSION_EXPIRED) stage_.Observe(kExpired);
          }
          Listen(client, std::max(after, answer->events().rbegin()->number()));
        });
  }

 private:
  Stage& stage_;
  LockRoom& room_;
};

void PlayWhateverHappens(Stage& stage) {
  constexpr int kClients = 4;
  constexpr int kOperations = 250;
  LockRoom room(stage, {.servers = stage.random().Below(2) == 0 ? 3 : 5,
                        .clients = kClients,
                        .snapshot_every = stage.random().Below(2) == 0 ? 20u : 0u,
                        .over_paxos = stage.random().Below(3) == 0});
  Listener listener(stage, room);
  for (const NodeId client : room.clients()) listener.Listen(client, 0);
  const auto& ops = stage.Ops([](sim::Rng& random, auto* drawn) {
    for (int number = 0; number < kClients * kOperations; ++number) {
      faults::ClientOp& op = *drawn->Add();
      op.set_client(static_cast<std::uint32_t>(number % kClients));
      Walker::Draw(random, op);
    }
  });
  std::vector<std::unique_ptr<Walker>> walkers;
  for (const NodeId client : room.clients()) {
    walkers.push_back(std::make_unique<Walker>(room, client));
  }
  for (const faults::ClientOp& op : ops) walkers[op.client()]->Add(op);
  for (const auto& walker : walkers) walker->DoNext();
  stage.Step(fmt::format("{} clients do {} things in all.", kClients, ops.size()));
  faults::Scope scope;
  scope.nodes = room.servers();
  scope.clients = room.clients();
  scope.clients_crash = true;
  scope.duration = 25 * kSecond;
  scope.clock_rate_bound_ppm = room.options().clock_rate_bound_ppm;
  stage.StartFaults(scope);
  stage.Step(fmt::format("Faults begin, of the profile \"{}\".", stage.plan().profile()));
  room.world().RunFor(scope.duration);
  stage.Heal();
  stage.Step("The faults stop: every process runs, every link works.");
  const auto all_done = [&] {
    return std::all_of(walkers.begin(), walkers.end(), [](const auto& one) { return one->done(); });
  };
  stage.Require(kProgress, room.world().RunUntil(all_done, 300 * kSecond),
                "300 simulated seconds later a client still waits for an answer.");
  for (const NodeId client : room.clients()) {
    const std::uint64_t handle =
        room.OpenFile(client, LockRoom::Path(fmt::format("of-{}", client)));
    room.SetContents(client, handle, "the end");
    stage.Require(kProgress, room.TryLock(client, handle),
                  "A lock that nobody else has ever wanted was not given.");
  }
}

}  // namespace

std::vector<Scenario> SweepScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4D",
       .name = "WhateverHappens",
       .story = "Four clients read, write, lock and watch, while everything goes wrong that can: "
                "processes die and are stopped, links are cut and slow, clocks run at the ends of "
                "their bound.",
       .points = 5,
       .seeds = 50,
       .profile = faults::Profile::kEverything,
       .must_observe = {kJeopardy, kExpired, kCached},
       .play = PlayWhateverHappens},
  };
}

}  // namespace quorum::grader::locks
