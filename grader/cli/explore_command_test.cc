#include "grader/cli/explore_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace quorum::cli {
namespace {

using testing::HasSubstr;

struct Ran {
  int exit_code = -1;
  std::string out;
};

/// Runs `quorum explore` with `arguments`; `impl` is a module's file.
Ran Explore(std::vector<std::string> arguments) {
  CLI::App app("test", "quorum");
  Ran ran;
  AddExploreCommand(app, ran.exit_code,
                    [](const std::string& impl, const std::string&) -> absl::StatusOr<std::string> {
                      if (impl == "labs") return absl::NotFoundError("There is no labs.");
                      return impl;
                    });
  arguments.insert(arguments.begin(), "explore");
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  testing::internal::CaptureStdout();
  app.parse(reversed);
  ran.out = testing::internal::GetCapturedStdout();
  return ran;
}

TEST(ExploreCommandTest, ListsWorlds) {
  const Ran ran = Explore({"--list"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, HasSubstr("paxos.TwoProposers"));
}

TEST(ExploreCommandTest, TellsHowFarItWent) {
  const Ran ran =
      Explore({"paxos.TwoProposers", "--impl", SOLUTION, "--states", "20000", "--walks", "100"});
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, HasSubstr("nothing found  100 random walks"));
  EXPECT_THAT(ran.out, HasSubstr("20000 states"));
  EXPECT_THAT(ran.out, HasSubstr("not all that there are"));
  const Ran shallow =
      Explore({"paxos.TwoProposers", "--impl", SOLUTION, "--depth", "3", "--walks", "0"});
  EXPECT_EQ(shallow.exit_code, 0);
  EXPECT_THAT(shallow.out, HasSubstr("3 events deep: not all"));
}

TEST(ExploreCommandTest, SaysWhatIsNotWritten) {
  const Ran ran = Explore({"paxos.TwoProposers", "--impl", SKELETON});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("Not written yet"));
}

TEST(ExploreCommandTest, BadInputIsUsage) {
  EXPECT_EQ(Explore({"paxos.Nowhere", "--impl", SOLUTION}).exit_code, 2);
  EXPECT_EQ(Explore({"paxos.TwoProposers"}).exit_code, 2);
}

TEST(ExploreCommandTest, AModuleOfAnotherLabIsRefused) {
  const Ran ran = Explore({"paxos.TwoProposers", "--impl", OTHER_LAB});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.out, HasSubstr("offers no nodes of the role paxos.synod"));
}

}  // namespace
}  // namespace quorum::cli
