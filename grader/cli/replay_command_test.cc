// A failed run comes back from its plan: the whole program, as a student uses it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "grader/sim/rng.h"

namespace quorum::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kPlan = "out/echo.AtMostOnceThroughCrashes-51.plan";

struct Ran {
  int exit_code = 0;
  std::string output;
};

class ReplayCommandTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Of this process alone: ctest runs several tests of this file at a time.
    std::string pattern = ::testing::TempDir() + "replay_command_test.XXXXXX";
    folder_ = mkdtemp(pattern.data());
    graded_ = Quorum("grade echo.AtMostOnceThroughCrashes --impl " ECHO_PLANTED_BUG);
  }

  static void TearDownTestSuite() { fs::remove_all(folder_); }

  /// Runs the program in a folder of its own; standard error is part of the output.
  static Ran Quorum(const std::string& arguments) {
    const std::string command =
        "cd " + folder_.string() + " && " QUORUM_PROGRAM " " + arguments + " 2>&1";
    Ran ran;
    FILE* pipe = popen(command.c_str(), "r");
    std::array<char, 4096> buffer;
    while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe)) {
      ran.output.append(buffer.data(), got);
    }
    ran.exit_code = WEXITSTATUS(pclose(pipe));
    return ran;
  }

  /// What is said of the failure, from its title on.
  static std::string FailureIn(const std::string& output) {
    const std::size_t begin = output.find("echo.AtMostOnceThroughCrashes FAILED");
    const std::size_t last = output.find("./quorum replay");
    return begin == std::string::npos ? "none" : output.substr(begin, last - begin);
  }

  static std::string Read(const std::string& file) {
    std::ifstream in(folder_ / file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  static void Write(const std::string& file, const std::string& text) {
    std::ofstream(folder_ / file) << text;
  }

  static fs::path folder_;
  static Ran graded_;
};

fs::path ReplayCommandTest::folder_;
Ran ReplayCommandTest::graded_;

TEST_F(ReplayCommandTest, ShowsExactlyTheSameFailure) {
  ASSERT_EQ(graded_.exit_code, 1) << graded_.output;
  EXPECT_THAT(graded_.output, HasSubstr(std::string("./quorum replay ") + kPlan));
  const Ran replayed = Quorum(std::string("replay ") + kPlan);
  EXPECT_EQ(replayed.exit_code, 1);
  EXPECT_EQ(FailureIn(replayed.output), FailureIn(graded_.output));
  EXPECT_THAT(FailureIn(replayed.output), HasSubstr("here echo.at-most-once is broken"));
  EXPECT_THAT(replayed.output, Not(HasSubstr("another module")));
}

TEST_F(ReplayCommandTest, SaysWhenItPassesNowAndThatTheModuleIsAnother) {
  const Ran replayed = Quorum(std::string("replay ") + kPlan + " --impl " ECHO_SOLVED);
  EXPECT_EQ(replayed.exit_code, 0) << replayed.output;
  EXPECT_THAT(replayed.output, HasSubstr("passes now; when the plan was saved it broke "
                                         "echo.at-most-once"));
  EXPECT_THAT(replayed.output, HasSubstr("This is another module"));
  EXPECT_THAT(replayed.output, Not(HasSubstr("boots again"))) << "it is not drawn unasked";
  EXPECT_THAT(Quorum(std::string("replay --trace ") + kPlan + " --impl " ECHO_SOLVED).output,
              HasSubstr("boots again"));
}

TEST_F(ReplayCommandTest, WritesALogForShiViz) {
  EXPECT_EQ(Quorum(std::string("replay --shiviz run.log ") + kPlan).exit_code, 1);
  EXPECT_THAT(Read("run.log"), HasSubstr("(?<host>\\S+) (?<clock>\\{.*\\})\n\n"));
  EXPECT_THAT(Read("run.log"),
              HasSubstr("1.236 Echo #1 arrives\nnode-1 {\"node-1\":2, \"node-103\":5}\n"));
}

TEST_F(ReplayCommandTest, StopsInGdbWhereTheLastHandlerOfTheNodeBegins) {
  // Without input gdb ends as soon as it has stopped.
  const Ran server = Quorum(std::string("replay --gdb --node 1 ") + kPlan + " </dev/null");
  EXPECT_THAT(server.output, HasSubstr("echo_server.cc:")) << "a line of the student's";
  EXPECT_THAT(server.output, HasSubstr("Echo"));
  const Ran nobody = Quorum(std::string("replay --gdb --node 5 ") + kPlan + " </dev/null");
  EXPECT_THAT(nobody.output, HasSubstr("There is no node 5"));
}

TEST_F(ReplayCommandTest, WhatIsNoPlanIsRefusedInOneSentence) {
  const auto refused = [](const std::string& text) {
    Write("bad.plan", text);
    const Ran ran = Quorum("replay bad.plan");
    EXPECT_EQ(ran.exit_code, 2) << ran.output;
    EXPECT_EQ(std::count(ran.output.begin(), ran.output.end(), '\n'), 1) << ran.output;
    return ran.output;
  };
  const std::string plan = Read(kPlan);
  EXPECT_THAT(Quorum("replay no.plan").output, HasSubstr("There is no file no.plan"));
  EXPECT_THAT(refused("seed: 3\nscenario: 4"), HasSubstr("bad.plan is not a plan: line 2:"));
  EXPECT_THAT(refused("scenario: \"echo.No\""), HasSubstr("echo.No"));
  EXPECT_THAT(refused("scenario: \"echo\""), HasSubstr("LAB.NAME"));
  EXPECT_THAT(refused(plan + "with: \"nonsense\""), HasSubstr("LAB=IMPL"));
  EXPECT_THAT(refused(plan + "faults { crash { node: 77 } }"), HasSubstr("does not fit"));
  EXPECT_THAT(refused(plan + "ops { client: 77 }"), HasSubstr("does not fit"));
}

TEST_F(ReplayCommandTest, BrokenPlansNeverBreakTheProgram) {
  const std::string plan = Read(kPlan);
  sim::Rng random(1);
  for (int round = 0; round < 40; ++round) {
    std::string broken = plan;
    for (int left = 3; left > 0; --left) {
      broken[random.Below(broken.size())] = static_cast<char>(' ' + random.Below(95));
    }
    Write("bad.plan", broken);
    const Ran ran = Quorum("replay bad.plan");
    EXPECT_LE(ran.exit_code, 2) << broken << ran.output;
  }
}

}  // namespace
}  // namespace quorum::cli
