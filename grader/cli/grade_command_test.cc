// Runs the program as a student or an instructor does.
#include "grader/cli/grade_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace quorum::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

struct Result {
  int code = -1;
  std::string output;
};

/// Runs `quorum grade` with these arguments.
Result Grade(const std::string& arguments) {
  std::FILE* pipe = popen((QUORUM_PROGRAM " grade " + arguments + " 2>&1").c_str(), "re");
  Result result;
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    result.output.append(buffer, got);
  }
  result.code = WEXITSTATUS(pclose(pipe));
  return result;
}

/// A folder of this test's own, and files in it.
class GradeCommandTest : public ::testing::Test {
 protected:
  GradeCommandTest()
      : folder_(fs::temp_directory_path() /
                ("quorum-grade-" +
                 std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~GradeCommandTest() override { fs::remove_all(folder_); }

  void Copy(const std::string& from) {
    fs::copy(from, folder_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  void Append(const std::string& file, const std::string& text) {
    std::ofstream(folder_ / file, std::ios::app) << text;
  }
  nlohmann::json ReadJson() const {
    std::ifstream file(folder_ / "report.json");
    return nlohmann::json::parse(file);
  }
  std::string Json() const { return " --json " + (folder_ / "report.json").string(); }

  const fs::path folder_;
};

// 4D's bonus is graded behind 4E.
TEST_F(GradeCommandTest, APartThatIsGradedInPiecesHasOneTotal) {
  const std::string output = Grade("lock_service:4D lock_service:4E --seeds 1").output;
  const std::size_t first = output.find("lock_service part 4D");
  ASSERT_NE(first, std::string::npos) << output;
  EXPECT_EQ(output.find("lock_service part 4D", first + 1), std::string::npos) << output;
}

TEST_F(GradeCommandTest, TheSolvedLabPassesWithAllPoints) {
  const Result result = Grade("echo" + Json());
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("echo in all"));
  EXPECT_THAT(result.output, Not(HasSubstr("\x1b")));
  const nlohmann::json report = ReadJson();
  EXPECT_EQ(report["points"], 100);
  EXPECT_EQ(report["max_points"], 100);
  EXPECT_EQ(report["implementation"], "labs");
}

/// The report without what depends on the machine: how long it took.
nlohmann::json WithoutTimes(nlohmann::json report) {
  for (nlohmann::json& scenario : report["scenarios"]) {
    EXPECT_TRUE(scenario.contains("wall_seconds"));
    scenario.erase("wall_seconds");
  }
  return report;
}

TEST_F(GradeCommandTest, ReportsTheSameHoweverManyPlayAtATime) {
  std::vector<std::string> selections = {"echo", "echo --impl planted_bug"};
  if (fs::exists(QUORUM_MODULES "/solutions/paxos.so")) {
    selections.emplace_back(
        "paxos.TwoReports paxos.DecidedWhateverHappens paxos.LogThroughCrashes "
        "paxos.RingsWhateverHappens --seeds 10 --impl solutions");
  }
  for (const std::string& selection : selections) {
    Grade(selection + " --jobs 1" + Json());
    const nlohmann::json one = WithoutTimes(ReadJson());
    ASSERT_FALSE(one["scenarios"].empty()) << selection;
    Grade(selection + " --jobs 3" + Json());
    EXPECT_EQ(one, WithoutTimes(ReadJson())) << selection;
  }
}

TEST_F(GradeCommandTest, TheSkeletonSaysWhatToWriteNext) {
  const Result result = Grade("hash_ring:1A" + Json());
  EXPECT_EQ(result.code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("Not written yet"));
  EXPECT_EQ(ReadJson()["points"], 0);
}

TEST_F(GradeCommandTest, ALabStandsOnAnImplementationOfAnEarlierOne) {
  if (!fs::exists(QUORUM_MODULES "/solutions/paxos.so")) GTEST_SKIP() << "The handout has none.";
  const std::string one = "paxos.AdministratorDies --seeds 1 --seed 3 --impl solutions" + Json();
  Result result = Grade(one);
  EXPECT_THAT(result.output, Not(HasSubstr("Not written yet"))) << "it stands on the solution";
  EXPECT_THAT(result.output, Not(HasSubstr("FAILED")));
  result = Grade(one + " --with hash_ring=labs");
  EXPECT_EQ(result.code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("handout 1A"));
}

TEST_F(GradeCommandTest, BadInputIsOneSentence) {
  for (const char* arguments :
       {"paxos9", "echo:9Z", "echo.Nothing", "--impl nowhere", "--seeds 0", "--jobs x", "--bogus",
        "--with raft", "--json /nowhere/report.json", "hash_ring --impl planted_bug"}) {
    const Result result = Grade(arguments);
    EXPECT_EQ(result.code, 2) << arguments << ": " << result.output;
    EXPECT_THAT(result.output, ::testing::MatchesRegex("quorum: [^\n]*\n")) << arguments;
  }
}

TEST_F(GradeCommandTest, WhatIsNotObservedIsInconclusive) {
  const Result result = Grade("echo.AtMostOnceThroughCrashes --seeds 1 --seed 2");
  EXPECT_EQ(result.code, 3) << result.output;
  EXPECT_THAT(result.output, HasSubstr("0/30"));
}

TEST_F(GradeCommandTest, AFolderIsGradedLikeTheLab) {
  Copy("labs/lab0_echo");
  const Result result = Grade("--impl " + folder_.string() + Json());
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_EQ(ReadJson()["points"], 100);
  EXPECT_EQ(ReadJson()["scenarios"].size(), 4u);
}

TEST_F(GradeCommandTest, AFolderThatDoesNotCompileScoresNothing) {
  Copy("labs/lab0_echo");
  Append("echo_server.cc", "this is no C++;\n");
  const Result result = Grade("--impl " + folder_.string() + Json());
  EXPECT_EQ(result.code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("echo_server.cc"));
  const nlohmann::json report = ReadJson();
  EXPECT_EQ(report["points"], 0);
  EXPECT_EQ(report["scenarios"][0]["invariant"]["name"], "module.builds");
  EXPECT_THAT(std::string(report["scenarios"][0]["output"]), HasSubstr("error"));
}

TEST_F(GradeCommandTest, AModuleThatReachesAroundEnvIsRefused) {
  Copy("labs/lab0_echo");
  Append("echo_server.cc",
         "#include <cstdlib>\nint Roll() { return rand(); }\nint rolls = Roll();\n");
  const Result result = Grade("--impl " + folder_.string());
  EXPECT_EQ(result.code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("The variable rolls"));
  EXPECT_THAT(result.output, HasSubstr("env.Random()"));
}

TEST_F(GradeCommandTest, ABuiltModuleIsGraded) {
  const Result result = Grade("--impl " QUORUM_MODULES "/labs/echo.so");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_EQ(Grade("hash_ring --impl " QUORUM_MODULES "/labs/echo.so").code, 2);
}

TEST_F(GradeCommandTest, ADamagedModuleIsBadInput) {
  Append("broken.so", "no module at all");
  const Result result = Grade("echo --impl " + (folder_ / "broken.so").string());
  EXPECT_EQ(result.code, 2) << result.output;
}

TEST_F(GradeCommandTest, ThePlantedBugIsFound) {
  const Result result = Grade("echo --impl planted_bug" + Json());
  EXPECT_EQ(result.code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("echo.at-most-once"));
}

TEST_F(GradeCommandTest, TheNumberOfProcessesDoesNotMatter) {
  ASSERT_EQ(Grade("echo --impl planted_bug --jobs 1" + Json()).code, 1);
  nlohmann::json one = ReadJson();
  ASSERT_EQ(Grade("echo --impl planted_bug --jobs 5" + Json()).code, 1);
  nlohmann::json five = ReadJson();
  for (nlohmann::json* report : {&one, &five}) {
    for (nlohmann::json& scenario : (*report)["scenarios"]) scenario.erase("wall_seconds");
  }
  EXPECT_EQ(one, five);
}

}  // namespace
}  // namespace quorum::cli
