// Part 4E: an elected leader with a fenced store, and a name service.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "grader/scenarios/lock_service/election.h"
#include "grader/scenarios/lock_service/stories.h"
#include "grader/scenarios/puppet.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;

constexpr Statement kNames = {
    "lock.names",
    "A name is known as long as whoever registered it lives, and is known again when it is back.",
    "Chubby, section 4.3; lab 4, part 4E"};

void PlayElection(Stage& stage) {
  LockRoom room(stage, {});
  stage.Watch<FencedStoreObeys>();
  const std::vector<NodeId> candidates = BootElection(room);
  stage.Step("Three candidates want to lead; a store obeys whoever does.");
  PuppetOf<> stranger(stage, [] {
    NodeConfig own;
    own.set_self(302);
    return own;
  }());
  std::uint64_t generation = 0;
  for (int change = 0; change < 3; ++change) {
    const NodeId leader =
        WriteByLeader(room, candidates, fmt::format("before {}", change), generation);
    const std::uint64_t old = generation;
    const bool cut = stage.random().Below(2) == 0;
    cut ? room.CutOff(leader, true) : room.world().Pause(leader);
    stage.Step(fmt::format("Node {}, which leads with generation {}, is {}.", leader, old,
                           cut ? "cut off" : "stopped"));
    std::vector<NodeId> others = candidates;
    std::erase(others, leader);
    WriteByLeader(room, others, fmt::format("after {}", change), generation);
    if (stage.random().Below(2) == 0) {
      room.world().Crash(kStore, stage.random().Below(2) == 0);
      room.world().Boot(kStore);
      stage.Step("Another one leads. The store dies and restarts.");
    }
    lock::WriteFencedRequest late;
    late.mutable_sequencer()->set_path(LockRoom::Path("leader"));
    late.mutable_sequencer()->set_generation(old);
    late.set_key("k");
    late.set_value("late");
    const auto answer = stranger.Ask(kStore, lock::kWriteFenced, late);
    stage.Require(kFenced, answer.ok() && !answer->written(),
                  fmt::format("An order of generation {} comes after one of generation {}, and is "
                              "obeyed.",
                              old, generation));
    cut ? room.CutOff(leader, false) : room.world().Resume(leader);
    room.world().RunFor(stage.random().Between(0, 3000) * kMillisecond);
  }
}

void PlayNames(Stage& stage) {
  LockRoom room(stage, {});
  lock::NamesConfig own;
  own.set_directory(LockRoom::Path("names"));
  own.set_grace_ns(room.options().grace);
  for (const NodeId server : room.servers()) own.add_servers(server);
  NodeConfig config;
  config.mutable_lab()->PackFrom(own);
  for (const NodeId node : {201, 202, 203}) {
    config.set_self(node);
    stage.AddNode(lock::kNamesRole, config);
  }
  const auto enter = [&](NodeId node, const std::string& address) {
    lock::RegisterRequest request;
    request.set_name("db");
    request.set_address(address);
    room.Demand(node, lock::kRegister, request);
  };
  const auto await = [&](const std::vector<std::string>& wanted) {
    lock::ResolveRequest request;
    request.set_name("db");
    const sim::SimTime until = room.world().now() + kPatience;
    std::vector<std::string> found;
    while (room.world().now() < until) {
      const auto answer = room.Demand(203, lock::kResolve, request);
      found.assign(answer.addresses().begin(), answer.addresses().end());
      if (found == wanted) return;
      room.world().RunFor(100 * kMillisecond);
    }
    stage.Require(kNames, false,
                  fmt::format("60 simulated seconds later db is at [{}]; it should be at [{}].",
                              fmt::join(found, ", "), fmt::join(wanted, ", ")));
  };
  enter(201, "ten:1");
  enter(202, "ten:2");
  await({"ten:1", "ten:2"});
  room.CutOff(201, true);
  stage.Step("Two servers have a name; one is cut off.");
  await({"ten:2"});
  room.world().RunFor(stage.random().Between(0, 2) * room.options().grace);
  room.CutOff(201, false);
  await({"ten:1", "ten:2"});
  room.world().Crash(202, false);
  stage.Step("It is back; the other one dies.");
  await({"ten:1"});
}

}  // namespace

std::vector<Scenario> RecipeScenarios() {
  return {
      {.lab = "lock_service",
       .part = "4E",
       .name = "Election",
       .story =
           "Three candidates elect a leader, whose orders a store obeys. Three times the leader "
           "is cut off or stopped, another one leads, and an old order arrives late.",
       .points = 4,
       .seeds = 20,
       .play = PlayElection},
      {.lab = "lock_service",
       .part = "4E",
       .name = "Names",
       .story = "Two servers make known where they are; one is cut off and comes back, the other "
                "dies.",
       .points = 4,
       .seeds = 20,
       .play = PlayNames},
  };
}

}  // namespace quorum::grader::locks
