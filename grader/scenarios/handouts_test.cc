// The handouts name the scenarios, and their points, as they are.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

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

// Those of labs 0 and 2 do not lead from scenario to scenario.
TEST(HandoutsTest, ThatOfTheRingNamesEveryScenario) {
  for (const Scenario& scenario : AllScenarios()) {
    if (std::string_view(scenario.lab) != "hash_ring") continue;
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

}  // namespace
}  // namespace quorum::grader
