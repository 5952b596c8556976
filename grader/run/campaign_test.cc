#include "grader/run/campaign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grader/run/sanitizer.h"
#include "grader/run/testing/behaviour.h"
#include "grader/run/testing/campaigns.h"

namespace quorum::run {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kBadSeed;
using testing::PlayAll;
using Verdict = Outcome::Verdict;

TEST(CampaignTest, AWellBehavedModulePassesWhereItCan) {
  auto outcomes = PlayAll("well_behaved");
  EXPECT_EQ(outcomes["Part"].verdict, Verdict::kPassed);
  EXPECT_EQ(outcomes["Part"].points(), 1);
  EXPECT_EQ(outcomes["Part"].seeds_run, 5u);
  EXPECT_EQ(outcomes["Part"].observed["it came back"], 5u);
  EXPECT_EQ(outcomes["Node"].verdict, Verdict::kPassed);
  EXPECT_GT(outcomes["Node"].events, 0u);
  EXPECT_EQ(outcomes["Node"].simulated_ns, 5'000'000'000);
  EXPECT_EQ(outcomes["Unobserved"].verdict, Verdict::kInconclusive);
  EXPECT_EQ(outcomes["Unobserved"].points(), 0);
  EXPECT_THAT(outcomes["Unobserved"].unobserved, ElementsAre("the impossible"));
}

TEST(CampaignTest, ACheckerThatGivesUpIsNeverAPass) {
  auto outcomes = PlayAll("well_behaved");
  EXPECT_EQ(outcomes["GivesUp"].verdict, Verdict::kInconclusive);
  EXPECT_EQ(outcomes["GivesUp"].points(), 0);
  EXPECT_EQ(outcomes["GivesUp"].seeds_run, 5u);
  EXPECT_EQ(outcomes["GivesUp"].deciding->seed(), kBadSeed);
}

TEST(CampaignTest, TheGradersOwnFaultIsNobodyElses) {
  auto outcomes = PlayAll("well_behaved");
  EXPECT_EQ(outcomes["Faulty"].verdict, Verdict::kGraderFault);
  EXPECT_THAT(outcomes["Faulty"].deciding->failure().detail(),
              HasSubstr("a mistake in the scenario"));
}

TEST(CampaignTest, SeedsCanBeChosen) {
  auto outcomes = PlayAll("checks", {.first = kBadSeed + 1, .count = 7});
  EXPECT_EQ(outcomes["Part"].verdict, Verdict::kPassed);
  EXPECT_EQ(outcomes["Part"].seeds_run, 7u);
}

/// What is expected of a run that goes wrong with one seed.
struct Wrong {
  const char* behaviour;
  FailureKind kind;
  const char* statement;
  const char* told;                ///< part of the detail or the rule
  bool clearer_sanitized = false;  ///< a sanitizer sees it coming, and names it otherwise
};

void PrintTo(const Wrong& wrong, std::ostream* stream) { *stream << wrong.behaviour; }

class WrongTest : public ::testing::TestWithParam<Wrong> {
 protected:
  static void Expect(const Outcome& outcome, std::uint32_t node) {
    ASSERT_EQ(outcome.verdict, Verdict::kFailed) << outcome.deciding->DebugString();
    EXPECT_EQ(outcome.points(), 0);
    EXPECT_EQ(outcome.seeds_run, kBadSeed);
    EXPECT_EQ(outcome.deciding->seed(), kBadSeed);
    const Failure& failure = outcome.deciding->failure();
    EXPECT_EQ(failure.kind(), GetParam().kind) << failure.DebugString();
    if (GetParam().clearer_sanitized && IsSanitized()) {
      EXPECT_EQ(failure.statement(), "process.memory-safe");
      EXPECT_TRUE(failure.sanitizer_report());
    } else {
      EXPECT_EQ(failure.statement(), GetParam().statement);
      EXPECT_THAT(failure.sentence() + failure.detail(), HasSubstr(GetParam().told));
    }
    EXPECT_EQ(failure.node(), node);
    EXPECT_EQ(failure.steps_size(), 1);
    EXPECT_THAT(failure.handler(), HasSubstr(node == 0 ? "" : "timer"));
  }
};

TEST_P(WrongTest, IsTheStudentsFailureAndNobodyElses) {
  auto outcomes = PlayAll(GetParam().behaviour);
  Expect(outcomes["Part"], 0);
  Expect(outcomes["Node"], 7);
  // It plays the first two seeds only.
  EXPECT_EQ(outcomes["Unobserved"].verdict, Verdict::kInconclusive);
  EXPECT_EQ(outcomes["Unobserved"].seeds_run, 2u);
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongTest,
    ::testing::Values(Wrong{"endless", FAILURE_DEATH, "process.endless", "CPU time"},
                      Wrong{"segfault", FAILURE_DEATH, "process.crash", "Segmentation fault", true},
                      Wrong{"aborts", FAILURE_DEATH, "process.crash", "Aborted"},
                      Wrong{"throws", FAILURE_EXCEPTION, "node.exception", "thrown by the test"},
                      Wrong{"throws_noexcept", FAILURE_DEATH, "process.terminate", "vector"},
                      Wrong{"overflow", FAILURE_DEATH, "process.stack-overflow", "stack"},
                      Wrong{"exits", FAILURE_DEATH, "process.exit", "called exit"},
                      Wrong{"exits_at_once", FAILURE_DEATH, "process.exit", "code 0"},
                      Wrong{"quick_exits", FAILURE_DEATH, "process.exit", "called exit"},
                      Wrong{"allocates", FAILURE_DEATH, "process.memory", "memory"},
                      Wrong{"grows", FAILURE_DEATH, "process.memory", "grew all the while"},
                      Wrong{"blocks", FAILURE_DEATH, "process.blocked", "waits for a lock"},
                      Wrong{"checks", FAILURE_CHECK, "node.check", "The seed is a good one."},
                      Wrong{"garbles", FAILURE_CHECK, "node.check", "The seed is \xff\xfe."},
                      Wrong{"not_written", FAILURE_NOT_WRITTEN, "node.not-written",
                            "Return the seed"}),
    [](const ::testing::TestParamInfo<Wrong>& wrong) { return wrong.param.behaviour; });

TEST(DeathTest, NamesTheFunctionsThatRan) {
  auto outcomes = PlayAll("segfault");
  const Failure& failure = outcomes["Part"].deciding->failure();
  if (IsSanitized()) {
    EXPECT_THAT(failure.output(), HasSubstr("Behave"));
  } else {
    EXPECT_THAT(failure.backtrace(), Contains(HasSubstr("Behave(")));
  }
}

/// A module whose runs differ, and how the difference is explained.
struct Unequal {
  const char* behaviour;
  const char* told;
};

void PrintTo(const Unequal& unequal, std::ostream* stream) { *stream << unequal.behaviour; }

class UnequalTest : public ::testing::TestWithParam<Unequal> {};

TEST_P(UnequalTest, IsSeenAndExplained) {
  auto outcomes = PlayAll(GetParam().behaviour);
  for (const char* scenario : {"Part", "Node"}) {
    const Outcome& outcome = outcomes[scenario];
    ASSERT_EQ(outcome.verdict, Verdict::kFailed) << scenario;
    const Failure& failure = outcome.deciding->failure();
    EXPECT_EQ(failure.kind(), FAILURE_NONDETERMINISM);
    EXPECT_EQ(failure.statement(), "run.determinism");
    EXPECT_THAT(failure.detail(), HasSubstr(GetParam().told)) << scenario;
    EXPECT_EQ(outcome.deciding->seed(), 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(All, UnequalTest,
                         ::testing::Values(Unequal{"pointer_order", "addresses of objects"},
                                           Unequal{"absl_order", "addresses of objects"},
                                           Unequal{"unordered_order", "unordered container"},
                                           Unequal{"unordered_integers", "unordered container"},
                                           Unequal{"cycle_counter", "no seed determines"}),
                         [](const ::testing::TestParamInfo<Unequal>& unequal) {
                           return unequal.param.behaviour;
                         });

}  // namespace
}  // namespace quorum::run
