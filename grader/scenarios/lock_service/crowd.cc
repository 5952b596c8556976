#include "grader/scenarios/lock_service/crowd.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorum::grader::locks {

Crowd::Crowd(LockRoom& room, int operations, const std::vector<const char*>& what) : room_(room) {
  const int clients = room.options().clients;
  const auto& ops = room.stage().Ops([&](sim::Rng& random, auto* drawn) {
    for (int number = 0; number < clients * operations; ++number) {
      faults::ClientOp& op = *drawn->Add();
      op.set_client(static_cast<std::uint32_t>(number % clients));
      Walker::Draw(random, op, what);
    }
  });
  for (const NodeId client : room.clients()) {
    listeners_.push_back(std::make_unique<Listener>(room, client));
    walkers_.push_back(std::make_unique<Walker>(room, client));
  }
  for (const faults::ClientOp& op : ops) walkers_[op.client()]->Add(op);
  for (const auto& walker : walkers_) walker->DoNext();
  room.stage().Step(fmt::format("{} clients do {} things in all.", clients, ops.size()));
}

void Crowd::DemandDone() {
  const auto all = [&] {
    return std::all_of(walkers_.begin(), walkers_.end(),
                       [](const auto& one) { return one->done(); });
  };
  const bool done = room_.world().RunUntil(all, 300 * kSecond);
  for (const auto& one : walkers_) {
    room_.stage().Require(kProgress, done || one->done(),
                          "300 simulated seconds later " + one->WaitsFor() + ".");
  }
}

void LetThingsGoWrong(LockRoom& room, faults::Scope scope, sim::SimTime duration) {
  Stage& stage = room.stage();
  scope.nodes = room.servers();
  scope.duration = duration;
  scope.clock_rate_bound_ppm = room.options().clock_rate_bound_ppm;
  stage.StartFaults(scope);
  stage.Step(fmt::format("Faults begin, of the profile \"{}\".", stage.plan().profile()));
  room.world().RunFor(scope.duration);
  stage.Heal();
  stage.Step("The faults stop: every process runs, every link works.");
}

faults::Scope WithClients(const LockRoom& room) {
  faults::Scope scope;
  scope.clients = room.clients();
  scope.clients_crash = true;
  return scope;
}

LockRoom::Options DrawOptions(Stage& stage, int clients) {
  LockRoom::Options options;
  options.servers = stage.random().Below(2) == 0 ? 3 : 5;
  options.clients = clients;
  options.snapshot_every = stage.random().Below(2) == 0 ? 20u : 0u;
  options.over_paxos = stage.random().Below(3) == 0;
  return options;
}

void DemandLocks(LockRoom& room) {
  room.world().RunFor(room.options().lease * 2);
  for (const NodeId client : room.clients()) {
    const std::uint64_t own = room.OpenFile(client, LockRoom::Path(fmt::format("of-{}", client)));
    room.SetContents(client, own, "the end");
    room.stage().Require(kProgress, room.TryLock(client, own),
                         "A lock that nobody else has ever wanted was not given.");
  }
}

}  // namespace quorum::grader::locks
