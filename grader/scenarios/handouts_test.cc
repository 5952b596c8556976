// The handouts name the scenarios, and their points, as they are.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader {
namespace {

namespace fs = std::filesystem;

std::string HandoutOf(const std::string& lab) {
  for (const auto& entry : fs::directory_iterator("labs")) {
    if (!entry.path().string().ends_with("_" + lab)) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path() / "README.md").rdbuf();
    return text.str();
  }
  return "";
}

// Those of the other labs do not lead from scenario to scenario.
TEST(HandoutsTest, NameEveryScenarioOfTheFirstThreeLabs) {
  const std::set<std::string> named = {"echo", "hash_ring", "paxos"};
  for (const Scenario& scenario : AllScenarios()) {
    if (!named.contains(scenario.lab)) continue;
    EXPECT_NE(HandoutOf(scenario.lab).find(scenario.name), std::string::npos)
        << "The handout of " << scenario.lab << " does not mention " << scenario.name;
  }
}

TEST(HandoutsTest, PromiseThePointsThatThereAre) {
  for (const Scenario& scenario : AllScenarios()) {
    const std::string handout = HandoutOf(scenario.lab);
    const std::regex promise("`" + std::string(scenario.name) +
                             R"(`( passes)? \((\d+)( points)?\))");
    for (std::sregex_iterator found(handout.begin(), handout.end(), promise), end; found != end;
         ++found) {
      EXPECT_EQ((*found)[2], std::to_string(scenario.points)) << scenario.name;
    }
  }
}

/// A rule, as the sources of the scenarios have it.
struct Stated {
  std::string name;
  std::string source;
};

/// The string that adjacent literals make.
std::string Joined(const std::string& literals) {
  std::string text;
  static const std::regex literal(R"re("((?:[^"\\]|\\.)*)")re");
  for (std::sregex_iterator found(literals.begin(), literals.end(), literal), end; found != end;
       ++found) {
    text += (*found)[1];
  }
  return text;
}

std::vector<Stated> RulesOf(const std::string& lab) {
  static const std::regex rule(
      R"re("([a-z]+\.[a-z-]+)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\})re");
  std::vector<Stated> rules;
  for (const auto& entry : fs::directory_iterator("grader/scenarios/" + lab)) {
    const std::string file = entry.path().filename();
    if (file.ends_with("_test.cc")) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string code = text.str();
    for (std::sregex_iterator found(code.begin(), code.end(), rule), end; found != end; ++found) {
      rules.push_back({(*found)[1], Joined((*found)[3])});
    }
  }
  return rules;
}

/// The part of a handout that is called `name`, for example "3B"; empty: it has none.
std::string PartOf(const std::string& handout, const std::string& name) {
  const std::size_t begin = handout.find("\n## " + name);
  if (begin == handout.npos) return "";
  return handout.substr(begin, handout.find("\n## ", begin + 1) - begin);
}

/// "3B, step 4" and "3B, steps 4 to 6": the part, and the steps that are named.
const std::regex kPlace(R"((\d[A-Z])(?:(?:, steps? (\d+))(?:(?: and | to )(\d+))?)?)");

// Lab 0 has no parts.
TEST(HandoutsTest, HaveWhatTheRulesReferTo) {
  for (const char* lab : {"hash_ring", "paxos", "raft"}) {
    const std::vector<Stated> rules = RulesOf(lab);
    EXPECT_GE(rules.size(), 8u) << lab;
    for (const Stated& rule : rules) {
      const std::size_t begin = rule.source.find("handout ");
      EXPECT_NE(begin, rule.source.npos) << rule.name << " names no part of its handout";
      if (begin == rule.source.npos) continue;
      const std::string places = rule.source.substr(begin);
      for (std::sregex_iterator at(places.begin(), places.end(), kPlace), end; at != end; ++at) {
        const std::string number = (*at)[1];
        const std::string part = PartOf(HandoutOf(number[0] == '1' ? "hash_ring" : lab), number);
        EXPECT_FALSE(part.empty()) << rule.name << " refers to part " << number;
        for (const int group : {2, 3}) {
          const std::string step = (*at)[group];
          const bool there = part.find("\n" + step + ". ") != part.npos ||
                             part.find("**Step " + step + ":") != part.npos ||
                             part.find("**Step " + step + ",") != part.npos;
          EXPECT_TRUE(step.empty() || there)
              << rule.name << " refers to step " << step << " of part " << number;
        }
      }
    }
  }
}

}  // namespace
}  // namespace quorum::grader
