#include "grader/report/json_report.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

namespace quorum::report {
namespace {

using nlohmann::json;
using run::Outcome;

/// The keys that a table of docs/report.md has, below the heading `title`.
std::set<std::string> KeysInDocs(const std::string& title) {
  std::ifstream docs("docs/report.md");
  std::set<std::string> keys;
  bool inside = false;
  for (std::string line; std::getline(docs, line);) {
    if (line.starts_with("## ")) inside = line == "## " + title;
    if (!inside || !line.starts_with("| `")) continue;
    keys.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return keys;
}

std::set<std::string> KeysOf(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

/// A scenario that passed, one that failed with seed 7, and one with bonus points.
class JsonReportTest : public ::testing::Test {
 protected:
  JsonReportTest() {
    Outcome passed;
    passed.scenario = &plain_;
    passed.seeds_run = 20;
    passed.events = 1000;
    passed.simulated_ns = 2'500'000'000;
    passed.observed["a leader died"] = 4;
    Outcome failed;
    failed.scenario = &hard_;
    failed.verdict = Outcome::Verdict::kFailed;
    failed.seeds_run = 7;
    failed.plan_file = "out/hard-7.plan";
    failed.deciding.emplace();
    failed.deciding->set_seed(7);
    run::Failure& failure = *failed.deciding->mutable_failure();
    failure.set_statement("ring.owner");
    failure.set_sentence("A key has one owner.");
    failure.set_source("the handout");
    failure.set_detail("It has two; and no UTF-8: \xff.");
    failure.set_node(3);
    Outcome bonus;
    bonus.scenario = &bonus_;
    report_ = json::parse(JsonReport({passed, failed, bonus}, "solutions"));
  }

  const grader::Scenario plain_ = {
      .lab = "a", .part = "1A", .name = "Plain", .story = "", .points = 10};
  const grader::Scenario hard_ = {
      .lab = "a", .part = "1B", .name = "Hard", .story = "", .points = 20};
  const grader::Scenario bonus_ = {
      .lab = "a", .part = "1E", .name = "More", .story = "", .points = 5, .bonus = true};
  json report_;
};

TEST_F(JsonReportTest, HasJustTheKeysThatTheDocsName) {
  EXPECT_EQ(KeysOf(report_), KeysInDocs("The report"));
  ASSERT_EQ(report_["scenarios"].size(), 3u);
  for (const json& scenario : report_["scenarios"]) {
    EXPECT_EQ(KeysOf(scenario), KeysInDocs("A scenario"));
  }
}

TEST_F(JsonReportTest, BonusPointsComeOnTop) {
  EXPECT_EQ(report_["points"], 15);
  EXPECT_EQ(report_["max_points"], 30);
}

TEST_F(JsonReportTest, TellsWhatPassed) {
  const json& passed = report_["scenarios"][0];
  EXPECT_EQ(passed["implementation"], "solutions");
  EXPECT_EQ(passed["verdict"], "pass");
  EXPECT_EQ(passed["points"], 10);
  EXPECT_EQ(passed["seeds_run"], 20);
  EXPECT_EQ(passed["events"], 1000);
  EXPECT_EQ(passed["simulated_seconds"], 2.5);
  EXPECT_EQ(passed["observed"]["a leader died"], 4);
  EXPECT_TRUE(passed["failing_seed"].is_null());
  EXPECT_TRUE(passed["invariant"].is_null());
  EXPECT_TRUE(passed["plan_file"].is_null());
}

TEST_F(JsonReportTest, TellsWhatFailed) {
  const json& failed = report_["scenarios"][1];
  EXPECT_EQ(failed["verdict"], "fail");
  EXPECT_EQ(failed["points"], 0);
  EXPECT_EQ(failed["max_points"], 20);
  EXPECT_EQ(failed["failing_seed"], 7);
  EXPECT_EQ(failed["invariant"]["name"], "ring.owner");
  EXPECT_EQ(failed["invariant"]["sentence"], "A key has one owner.");
  EXPECT_EQ(failed["invariant"]["source"], "the handout");
  EXPECT_EQ(failed["plan_file"], "out/hard-7.plan");
  EXPECT_EQ(failed["node"], 3);
}

}  // namespace
}  // namespace quorum::report
