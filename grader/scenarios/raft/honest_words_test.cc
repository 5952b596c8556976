// What is told of the mistakes that most make (the table in the handout, "When it fails"), as it is
// printed. honest_words.txt is to be read, not only compared; where it differs for a good reason,
// QUORUM_WRITE_GOLDEN=1 writes it anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>

#include "grader/report/failure_text.h"
#include "grader/scenarios/raft/mutant_run.h"

namespace quorum::grader {
namespace {

constexpr char kGolden[] = "grader/scenarios/raft/honest_words.txt";

/// A known bug that is one of these mistakes; its row in the table, from 1.
struct Mistake {
  int row;
  const char* mutant;
  const char* scenario;
};

constexpr Mistake kMistakes[] = {
    {1, "R11", "StaleLeader"},       {1, "N11", "StaleLeader"},
    {2, "R04", "LateVotes"},         {2, "R29", "EarlierLeadership"},
    {3, "R13", "LaterTermInAnswer"}, {4, "R17", "ConsistencyCheck"},
    {5, "R16", "OldAppendEntries"},  {6, "R18", "PartlyAnswered"},
    {7, "R20", "Figure8"},           {8, "R22", "HeartbeatCommit"},
    {9, "R34", "DeposedProposer"},   {10, "R01", "ElectionsThroughCrashes"},
    {10, "R25", "CalmLog"},
};

run::Outcome Failed(const Scenario& scenario, run::RunResult result) {
  run::Outcome outcome;
  outcome.scenario = &scenario;
  outcome.verdict = run::Outcome::Verdict::kFailed;
  outcome.seeds_run = 1;
  outcome.deciding = std::move(result);
  return outcome;
}

/// What is printed of it, as far as it depends neither on the schedule nor on the reference:
/// without the plan, the steps and the diagram, and with # for every number that was seen.
std::string Told(const Mistake& mistake) {
  const Scenario& scenario = ScenarioNamed(mistake.scenario);
  run::RunResult result = PlayMutant(mistake.mutant, scenario);
  EXPECT_EQ(result.verdict(), run::RUN_FAILED) << mistake.mutant;
  run::Failure& failure = *result.mutable_failure();
  failure.set_detail(std::regex_replace(failure.detail(), std::regex(R"(\d+)"), "#"));
  failure.set_node(0);
  failure.clear_steps();
  result.clear_plan();
  result.set_seed(1);
  std::string text = report::FailureText(Failed(scenario, result), "labs", false);
  return text.substr(0, text.find("  Once more"));
}

std::string Read(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// The row of the table in the handout: the rules, and the steps.
std::pair<std::string, std::string> RowOf(int number) {
  std::istringstream handout(Read("labs/lab3_raft/README.md"));
  int row = -2;  // the heading, and the line below it
  bool here = false;
  static const std::regex cells(R"(\|(.*)\|(.*)\|(.*)\|)");
  for (std::string line; std::getline(handout, line);) {
    if (line.starts_with("## ")) here = line == "## When it fails";
    const bool begun = here && (row > -2 || line.starts_with("| mistake |"));
    if (!begun || ++row < number) continue;
    std::smatch match;
    if (!std::regex_match(line, match, cells)) break;
    return {match[2], match[3]};
  }
  return {};
}

TEST(HonestWordsTest, AreAsTheyAre) {
  std::string all;
  for (const Mistake& mistake : kMistakes) all += Told(mistake) + "\n";
  if (std::getenv("QUORUM_WRITE_GOLDEN") != nullptr) std::ofstream(kGolden) << all;
  EXPECT_EQ(all, Read(kGolden));
}

TEST(HonestWordsTest, TheHandoutsTableNamesRuleAndStep) {
  static const std::regex step(R"((\d[A-D])(?:, (\d))?)");
  for (const Mistake& mistake : kMistakes) {
    SCOPED_TRACE(mistake.mutant);
    const run::RunResult result = PlayMutant(mistake.mutant, ScenarioNamed(mistake.scenario));
    const auto [rules, places] = RowOf(mistake.row);
    EXPECT_NE(rules.find("`" + result.failure().statement() + "`"), rules.npos)
        << "the table says" << rules << "and it is " << result.failure().statement();
    const std::string& source = result.failure().source();
    bool named = false;
    for (std::sregex_iterator at(places.begin(), places.end(), step), end; at != end; ++at) {
      const std::string number = (*at)[2];
      const std::size_t part = source.find((*at)[1].str() + ", step");
      named = named || (part != source.npos && source.find(number, part + 8) != source.npos);
    }
    EXPECT_TRUE(named) << "the table says" << places << "and the failure: " << source;
  }
}

}  // namespace
}  // namespace quorum::grader
