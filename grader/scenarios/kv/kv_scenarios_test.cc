#include "grader/scenarios/kv/kv_scenarios.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/node/module_loader.h"
#include "grader/scenarios/kv/crowd.h"
#include "grader/scenarios/stage.h"
#include "grader/scenarios/testing/right_solution.h"

namespace quorum::grader {
namespace {

/// Right solutions, of different shapes.
class RightServiceTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RightServiceTest, PassesAndMeetsWhatTheScenariosExistFor) {
  testing::ExpectRight(KvScenarios(), {testing::Load(GetParam())});
}

INSTANTIATE_TEST_SUITE_P(Kv, RightServiceTest, ::testing::Values(RAFT_SOLVED, RAFT_VARIANT),
                         [](const auto& info) { return info.index == 0 ? "solutions" : "plain"; });

TEST(KvScenariosTest, TheSkeletonEarnsNothingAndSaysWhatToWrite) {
  testing::ExpectNotWritten(KvScenarios(), {testing::Load(RAFT_SKELETON)});
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
  room.BootAll(stage.part<LogHostFactory>(quorum::kv::kServerPart, kLogHostFactoryType), paxos_log,
               stage.node_factory(quorum::kv::kClientRole));
  kv::Crowd crowd(room, {.operations = 10, .users = 2});
  room.AwaitLeader();
  crowd.Begin();
  room.LetThingsGoWrongFor(2 * kSecond);
  room.HealAndJudge([&] { return crowd.done(); });
}

TEST(KvScenariosTest, RunsOverMultiPaxosAsWell) {
  for (const char* path : {PAXOS_SOLVED, PAXOS_VARIANT}) {
    paxos_log = reinterpret_cast<ReplicatedLogFactory>(FindPart(*testing::Load(path), "paxos.log"));
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
      SCOPED_TRACE(path + (" " + std::string(faults::NameOf(profile))));
      testing::ExpectRight({scenario}, {testing::Load(RAFT_SOLVED)}, 10);
    }
  }
}

}  // namespace
}  // namespace quorum::grader
