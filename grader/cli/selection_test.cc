#include "grader/cli/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorum::cli {
namespace {

using grader::Scenario;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<Scenario> kScenarios = {
    {.lab = "echo", .part = "0A", .name = "Loss", .story = ""},
    {.lab = "raft", .part = "3A", .name = "Election", .story = ""},
    {.lab = "raft", .part = "3B", .name = "Loss", .story = ""},
};

std::vector<std::string> Selected(const std::vector<std::string>& selections) {
  std::vector<std::string> names;
  const auto selected = Select(kScenarios, selections);
  EXPECT_TRUE(selected.ok()) << selected.status();
  for (const Scenario* scenario : *selected) {
    names.push_back(std::string(scenario->lab) + "." + scenario->name);
  }
  return names;
}

std::string ErrorOf(const std::string& selection) {
  return std::string(Select(kScenarios, {selection}).status().message());
}

TEST(SelectionTest, NothingMeansEverything) {
  EXPECT_THAT(Selected({}), ElementsAre("echo.Loss", "raft.Election", "raft.Loss"));
}

TEST(SelectionTest, TakesLabsPartsAndScenarios) {
  EXPECT_THAT(Selected({"raft"}), ElementsAre("raft.Election", "raft.Loss"));
  EXPECT_THAT(Selected({"raft:3B"}), ElementsAre("raft.Loss"));
  EXPECT_THAT(Selected({"raft.Election", "echo"}), ElementsAre("echo.Loss", "raft.Election"));
}

TEST(SelectionTest, SmallLettersWillDo) {
  EXPECT_THAT(Selected({"raft:3b"}), ElementsAre("raft.Loss"));
  EXPECT_THAT(Selected({"Raft.election"}), ElementsAre("raft.Election"));
}

TEST(SelectionTest, SaysWhatMayBeMeant) {
  EXPECT_EQ(ErrorOf("raft.Elections"),
            "There is no \"raft.Elections\"; did you mean raft.Election?");
  EXPECT_THAT(ErrorOf("rafft"), HasSubstr("did you mean raft?"));
  EXPECT_THAT(ErrorOf("raft3A"), HasSubstr("did you mean raft:3A?"));
  EXPECT_THAT(ErrorOf("3a"), HasSubstr("did you mean raft:3A?"));
  EXPECT_THAT(ErrorOf("loss"), HasSubstr("did you mean echo.Loss or raft.Loss?"));
  EXPECT_THAT(ErrorOf("raft.E"), HasSubstr("did you mean raft.Election?"));
}

TEST(SelectionTest, SaysWhatThereIsInstead) {
  EXPECT_THAT(ErrorOf("paxos"), HasSubstr("the labs are echo, raft."));
  EXPECT_THAT(ErrorOf("raft:900"), HasSubstr("the parts of raft are 3A, 3B, and"));
  EXPECT_THAT(ErrorOf("raft.Nothing"), HasSubstr("grade --list raft names its scenarios."));
}

}  // namespace
}  // namespace quorum::cli
