#include "grader/cli/check_command.h"

#include <fstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace quorum {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kPut = R"({"client":1,"key":"x","op":"put","value":"a","call":1,"return":2})";
constexpr const char* kGetOld =
    R"({"client":2,"key":"x","op":"get","result":null,"call":3,"return":4})";
constexpr const char* kGetNew =
    R"({"client":2,"key":"x","op":"get","result":"a","call":3,"return":4})";

class CheckCommandTest : public testing::Test {
 protected:
  std::string Write(const std::vector<std::string>& lines) {
    const std::string path = testing::TempDir() + "/check_command_test." +
                             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::ofstream file(path);
    for (const std::string& line : lines) {
      file << line << "\n";
    }
    return path;
  }

  // Returns the exit code, and keeps what was printed.
  int Run(std::vector<std::string> arguments) {
    CLI::App app;
    int exit_code = -1;
    AddCheckCommand(app, exit_code);
    std::reverse(arguments.begin(), arguments.end());  // As CLI11 wants them.
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    app.parse(arguments);
    output_ = testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
    return exit_code;
  }

  std::string output_;
};

TEST_F(CheckCommandTest, SaysThatALegalHistoryIsLinearizable) {
  EXPECT_EQ(Run({"check", "--model", "register", Write({kPut, "", kGetNew})}), 0);
  EXPECT_EQ(output_, "Linearizable as a register: 2 operations on 1 key.\n");
}

TEST_F(CheckCommandTest, ShowsTheOperationThatCannotBePlaced) {
  EXPECT_EQ(Run({"check", "--model", "kv", Write({kPut, kGetOld})}), 1);
  EXPECT_THAT(output_,
              AllOf(HasSubstr("client 1: put \"a\"   => \"a\""),
                    HasSubstr("client 2: get -> absent"), HasSubstr("the value is \"a\"")));
}

TEST_F(CheckCommandTest, NamesTheMalformedLine) {
  EXPECT_EQ(Run({"check", "--model", "kv", Write({kPut, "{\"client\":1"})}), 2);
  EXPECT_THAT(output_, HasSubstr("Line 2: this is not valid JSON."));
}

TEST_F(CheckCommandTest, SaysThatAFileIsMissing) {
  EXPECT_EQ(Run({"check", "--model", "kv", "/nowhere/at/all"}), 2);
  EXPECT_THAT(output_, HasSubstr("cannot be read: No such file or directory."));
}

TEST_F(CheckCommandTest, GivesUpWhenTheBudgetIsSpent) {
  EXPECT_EQ(Run({"check", "--model", "kv", "--steps", "1", Write({kPut, kGetNew})}), 3);
  EXPECT_THAT(output_, HasSubstr("Unknown: the budget is spent"));
}

TEST_F(CheckCommandTest, RefusesAnotherModel) {
  EXPECT_THROW(Run({"check", "--model", "queue", "x"}), CLI::ParseError);
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
  EXPECT_THROW(Run({"check", "x"}), CLI::ParseError);
  testing::internal::GetCapturedStdout();
  testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace quorum
