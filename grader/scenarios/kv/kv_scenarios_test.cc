#include "grader/scenarios/kv/kv_scenarios.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/node/module_loader.h"
#include "grader/scenarios/kv/crowd.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader {
namespace {

/// What one run came to: the broken rule's name, or nothing.
std::string Play(const Scenario& scenario, std::uint64_t seed,
                 const std::vector<const ModuleTable*>& modules,
                 std::set<std::string, std::less<>>& observed) {
  faults::Plan plan;
  plan.set_seed(seed);
  Stage stage(scenario, plan, modules);
  std::string broken;
  try {
    scenario.play(stage);
  } catch (const Violation& violation) {
    broken = violation.statement.name;
  } catch (const sim::RunFailed&) {
    broken = stage.world().failure()->name;
  }
  observed.insert(stage.observed().begin(), stage.observed().end());
  return broken;
}

const ModuleTable* Load(const char* path) {
  const auto module = LoadModule(path);
  EXPECT_TRUE(module.ok()) << module.status();
  return *module;
}

/// Right solutions, of different shapes.
class RightServiceTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RightServiceTest, PassesAndMeetsWhatTheScenariosExistFor) {
  const ModuleTable* module = Load(GetParam());
  for (const Scenario& scenario : KvScenarios()) {
    std::set<std::string, std::less<>> observed;
    for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(scenario.seeds); ++seed) {
      EXPECT_EQ(Play(scenario, seed, {module}, observed), "") << scenario.name << " " << seed;
    }
    for (const char* expected : scenario.must_observe) {
      EXPECT_TRUE(observed.contains(expected)) << scenario.name << ": " << expected;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kv, RightServiceTest, ::testing::Values(RAFT_SOLVED, RAFT_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

TEST(KvScenariosTest, TheSkeletonEarnsNothingAndSaysWhatToWrite) {
  const ModuleTable* module = Load(RAFT_SKELETON);
  for (const Scenario& scenario : KvScenarios()) {
    std::set<std::string, std::less<>> observed;
    EXPECT_EQ(Play(scenario, 1, {module}, observed), "node.not-written") << scenario.name;
  }
}

// Roles and parts of both modules.
void (*FindPart(const ModuleTable& module, std::string_view name))() {
  for (const Role& role : module.roles) {
    if (role.name == name) return role.part;
  }
  return nullptr;
}

/// The same service over lab 2's log. A scenario looks for roles in the modules of its own lab, so
/// the log is handed over here.
ReplicatedLogFactory paxos_log = nullptr;

void PlayOverPaxos(Stage& stage) {
  kv::KvRoom room(stage, {.servers = 3, .clients = 3, .snapshot_every = 12});
  room.BootAll(stage.part<quorum::kv::ServerFactory>(quorum::kv::kServerPart,
                                                     quorum::kv::kServerFactoryType),
               paxos_log, stage.node_factory(quorum::kv::kClientRole));
  kv::Crowd crowd(room, {.operations = 10, .users = 2});
  room.AwaitLeader();
  crowd.Begin();
  room.LetThingsGoWrongFor(2 * kv::kSecond);
  room.HealAndJudge([&] { return crowd.done(); });
}

TEST(KvScenariosTest, RunsOverMultiPaxosAsWell) {
  const ModuleTable* raft = Load(RAFT_SOLVED);
  for (const char* path : {PAXOS_SOLVED, PAXOS_VARIANT}) {
    paxos_log = reinterpret_cast<ReplicatedLogFactory>(FindPart(*Load(path), "paxos.log"));
    ASSERT_NE(paxos_log, nullptr);
    for (const faults::Profile profile :
         {faults::Profile::kCalm, faults::Profile::kLossy, faults::Profile::kPartitions,
          faults::Profile::kCrashes, faults::Profile::kClocks}) {
      const Scenario scenario = {.lab = "raft",
                                 .part = "3G",
                                 .name = "OverPaxos",
                                 .story = "",
                                 .profile = profile,
                                 .play = PlayOverPaxos};
      std::set<std::string, std::less<>> observed;
      for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        EXPECT_EQ(Play(scenario, seed, {raft}, observed), "")
            << path << " " << faults::NameOf(profile) << " " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace quorum::grader
