// The known bugs in solutions/mutants, the solutions that they are patches of, the scenarios and
// rules that they name, and the published matrices: all of them must agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "grader/cli/mutants_matrix.h"
#include "grader/scenarios/scenario.h"

namespace quorum::cli {
namespace {

using run::Mutant;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

struct Result {
  int code = -1;
  std::string output;
};

Result Execute(const std::string& command) {
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "re");
  Result result;
  char buffer[4096];
  for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof(buffer), pipe)) > 0;) {
    result.output.append(buffer, got);
  }
  result.code = WEXITSTATUS(pclose(pipe));
  return result;
}

std::string Read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

const fs::path kFolder = "solutions/mutants";

std::vector<std::string> Labs() {
  std::vector<std::string> labs;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    if (entry.is_directory()) labs.push_back(entry.path().filename().string());
  }
  std::sort(labs.begin(), labs.end());
  return labs;
}

std::vector<Mutant> MutantsOf(const std::string& lab) {
  const auto mutants = run::ReadMutants(kFolder / lab);
  EXPECT_TRUE(mutants.ok()) << mutants.status();
  return mutants.ok() ? *mutants : std::vector<Mutant>();
}

class MutantsTest : public ::testing::TestWithParam<std::string> {};

TEST_P(MutantsTest, FitTheSolution) {
  for (const Mutant& mutant : MutantsOf(GetParam())) {
    const fs::path patch = kFolder / GetParam() / (mutant.id + ".patch");
    const Result result =
        Execute("patch --dry-run --fuzz=0 --strip=1 --reject-file=- <" + patch.string());
    EXPECT_EQ(result.code, 0) << mutant.id << ": " << result.output;
  }
}

TEST_P(MutantsTest, NameScenariosOfTheirLab) {
  std::set<std::string> scenarios;
  for (const grader::Scenario& scenario : grader::AllScenarios()) {
    if (scenario.lab == GetParam()) scenarios.insert(scenario.name);
  }
  for (const Mutant& mutant : MutantsOf(GetParam())) {
    EXPECT_TRUE(scenarios.contains(mutant.scenario)) << mutant.id << " names " << mutant.scenario;
  }
}

/// The rows of a published matrix: by the mutant's id what is wrong, the scenario and the rule.
std::map<std::string, std::vector<std::string>> PublishedRows(const std::string& page) {
  static const std::regex row(
      R"(\| (\w\d+[a-z]?) \| (.*) \| (\w+) \| ([a-z0-9.-]+) \| (\d+) \| [\d.]+( [kM])? \|( [\d.]+ \| [\d.]+( [kM])? \|)?)");
  std::map<std::string, std::vector<std::string>> rows;
  std::istringstream in(page);
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    rows[match[1]] = {match[2], match[3], match[4]};
  }
  return rows;
}

TEST_P(MutantsTest, ArePublishedAsTheyAre) {
  const fs::path page = "docs/mutants/" + GetParam() + ".md";
  if (!fs::exists(page)) GTEST_SKIP() << "The matrix of " << GetParam() << " is not published.";
  std::map<std::string, std::vector<std::string>> ours;
  for (const Mutant& mutant : MutantsOf(GetParam())) {
    ours[mutant.id] = {mutant.description, mutant.scenario, mutant.statement};
  }
  EXPECT_EQ(PublishedRows(Read(page)), ours)
      << "Publish the matrix anew: ./quorum mutants " << GetParam() << " --markdown";
}

INSTANTIATE_TEST_SUITE_P(Labs, MutantsTest, ::testing::ValuesIn(Labs()),
                         [](const auto& lab) { return lab.param; });

/// Expects a mutant of `lab` for each rule that `sources` states, "LAB.rule-of-it"; says how many
/// there are.
std::size_t ExpectEveryRuleBroken(const std::string& lab, const std::vector<fs::path>& sources,
                                  const std::regex& id) {
  std::set<std::string> broken;
  for (const Mutant& mutant : MutantsOf(lab)) broken.insert(mutant.statement);
  std::size_t rules = 0;
  for (const fs::path& source : sources) {
    const std::string statements = Read(source);
    for (std::sregex_iterator found(statements.begin(), statements.end(), id), end; found != end;
         ++found, ++rules) {
      EXPECT_TRUE(broken.contains((*found)[1])) << "No mutant breaks " << (*found)[1];
    }
  }
  return rules;
}

TEST(MutantsOfTheCacheTest, BreakEveryRule) {
  EXPECT_GT(ExpectEveryRuleBroken("hash_ring", {"grader/scenarios/hash_ring/cache_statements.h"},
                                  std::regex(R"re("(cache\.[a-z-]+)")re")),
            10u);
}

TEST(MutantsOfTheLockServiceTest, BreakEveryRule) {
  std::vector<fs::path> sources;
  for (const auto& entry : fs::directory_iterator("grader/scenarios/lock_service")) {
    sources.push_back(entry.path());
  }
  EXPECT_GT(ExpectEveryRuleBroken("lock_service", sources, std::regex(R"re("(lock\.[a-z-]+)",)re")),
            25u);
}

TEST(MutantsMatrixTest, TellsHowASurvivorEnded) {
  const std::vector<Mutant> mutants = {{"C01", "does it wrongly", "Story", "rule.one"},
                                       {"C02", "does it badly", "Story", "rule.two"}};
  MutantTrials trials;
  trials["C01"] = {.plays = 3,
                   .seeds_to_kill = {7, 1, 2},
                   .events = 3'000,
                   .wall_ns = 6'000'000,
                   .reached = 36,
                   .instead = ""};
  trials["C02"] = {.plays = 3, .seeds_to_kill = {7, 1}, .events = 3'000, .instead = "rule.one"};
  EXPECT_TRUE(trials["C01"].killed());
  EXPECT_FALSE(trials["C02"].killed());
  EXPECT_FALSE(MutantTrial().killed());
  const std::string text = MatrixInText(mutants, trials);
  EXPECT_THAT(text, HasSubstr("C01   killed"));
  EXPECT_THAT(text, HasSubstr(" 2 seeds, 1.0 k events, 0.002 s\n"));
  EXPECT_THAT(text, HasSubstr("What is changed was reached 12 times a play."));
  EXPECT_THAT(text, HasSubstr("C02   SURVIVED"));
  EXPECT_THAT(text, HasSubstr("killed from 2 of 3 base seeds; otherwise it ended as: rule.one"));
  EXPECT_THAT(text, HasSubstr("What is changed was never reached, so this says nothing."));
  const std::string page = MatrixInMarkdown(mutants, trials);
  EXPECT_THAT(page,
              HasSubstr("| C01 | does it wrongly | Story | rule.one | 2 | 1.0 k | 0.002 | 12 |\n"));
  EXPECT_EQ(PublishedRows(page).size(), 1u) << "what survives cannot be published";
}

/// `after` as the build of a mutant compiles it, when the solution is `before`.
std::string Marked(const std::string& before, const std::string& after) {
  const fs::path folder = fs::temp_directory_path() / "quorum-marked";
  for (const auto& [name, text] : {std::pair("from", before), std::pair("to", after)}) {
    fs::create_directories(folder / name);
    std::ofstream(folder / name / "node.cc") << text;
  }
  const Result result = Execute("python3 cmake/mark_mutant.py " + (folder / "from").string() + " " +
                                (folder / "to").string());
  EXPECT_EQ(result.code, 0) << result.output;
  const std::string marked = Read(folder / "to" / "node.cc");
  fs::remove_all(folder);
  return marked;
}

TEST(MarkMutantTest, CountsTheInnermostStatementThatHasChanged) {
  const std::string before =
      "constexpr int kMost = 3;\nNode::Node() : left_(kMost) {\n  Begin();\n}\n"
      "int Node::Take(int wanted) {\n  if (wanted > left_) return 0;\n  left_ -= wanted;\n"
      "  Tell([this] { Note(left_); },\n       kMost);\n  return wanted;\n}\n";
  const auto with = [&](const std::string& was, const std::string& is) {
    std::string after = before;
    return Marked(before, after.replace(after.find(was), was.size(), is));
  };
  const std::string mark = "::quorum::NoteReached(); ";
  EXPECT_EQ(Marked(before, before), before);
  EXPECT_THAT(with("wanted > left_", "wanted >= left_"), HasSubstr(mark + "if (wanted >= left_)"));
  EXPECT_THAT(with("  left_ -= wanted;\n", ""), HasSubstr(mark + "Tell([this]"));
  EXPECT_THAT(with("       kMost", "       kMost - 1"), HasSubstr(mark + "Tell([this]"));
  EXPECT_THAT(with("  left_ -= wanted;\n", "  if (wanted > 1) {\n    --left_;\n  }\n"),
              HasSubstr("  if (wanted > 1) {\n    " + mark + "--left_;\n"));
  EXPECT_THAT(with("left_(kMost)", "left_(2 * kMost)"), HasSubstr("{" + mark + "\n  Begin();"));
  const std::string constant = with("kMost = 3", "kMost = 4");
  EXPECT_THAT(constant, HasSubstr(mark + "Tell([this]")) << "it is used there";
  EXPECT_THAT(constant, HasSubstr("#line 1\nconstexpr int kMost = 4;\n"))
      << "lines keep their number";
}

/// One of each part, end to end. The build has them, so that nothing is compiled here.
TEST(MutantsCommandTest, KillsKnownBugs) {
  const Result result =
      Execute(QUORUM_PROGRAM " mutants hash_ring C01 C16 N04 N62 C21 N30 --base-seeds 2");
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("All 6 mutants of hash_ring are killed"));
}

/// From the line that names the failed scenario on to where the report ends.
std::string FailureIn(const std::string& output) {
  const std::size_t begin = output.find(" FAILED, seed ");
  return begin == output.npos ? output : output.substr(begin, output.find("  Once more") - begin);
}

/// In every part a saved plan shows, when it is replayed, just what was shown when it was found.
TEST(MutantsCommandTest, AReplayShowsTheSameFailure) {
  const fs::path folder = fs::temp_directory_path() / "quorum-mutants-replay";
  fs::remove_all(folder);
  fs::create_directories(folder);
  const std::pair<const char*, const char*> kills[] = {
      {"C01", "FirstPointClockwise"}, {"C16", "LoadsStayBounded"}, {"N04", "EveryReplicaHolds"},
      {"N62", "CacheUnderLoss"},      {"C21", "ReceiverDies"},     {"N30", "GoesOnMeanwhile"}};
  for (const auto& [id, scenario] : kills) {
    const std::string in_folder = "cd " + folder.string() + " && ";
    const Result graded = Execute(in_folder + QUORUM_PROGRAM " grade hash_ring." + scenario +
                                  " --impl " + QUORUM_MODULES "/mutants/hash_ring/" + id + ".so");
    EXPECT_EQ(graded.code, 1) << graded.output;
    const Result replayed =
        Execute(in_folder + QUORUM_PROGRAM " replay out/hash_ring." + scenario + "-*.plan");
    EXPECT_EQ(replayed.code, 1) << replayed.output;
    EXPECT_EQ(FailureIn(replayed.output), FailureIn(graded.output));
    const bool drawn = id == std::string("C16") || id == std::string("N62");
    EXPECT_EQ(graded.output.find("What it takes: ") != std::string::npos, drawn) << graded.output;
  }
  fs::remove_all(folder);
}

TEST(MutantsCommandTest, RefusesWhatThereIsNot) {
  EXPECT_EQ(Execute(QUORUM_PROGRAM " mutants hash_ring C999").code, 2);
  EXPECT_EQ(Execute(QUORUM_PROGRAM " mutants no_such_lab").code, 2);
}

}  // namespace
}  // namespace quorum::cli
