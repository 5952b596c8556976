// Shrinking, on failures that are made up: what matters is known.

#include "grader/faults/shrink.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "grader/faults/profile.h"

namespace quorum::faults {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

/// A plan with faults of all kinds, many operations, and rates.
Plan BigPlan() {
  Scope scope;
  scope.nodes = {1, 2, 3};
  scope.clients = {101, 102};
  scope.duration = 3'000 * kMillisecond;
  Plan plan = DrawPlan(Profile::kEverything, 11, scope);
  for (std::uint32_t op = 0; op < 100; ++op) {
    ClientOp& added = *plan.add_ops();
    added.set_client(op % 2);
    added.set_think_ns(op * kMillisecond);
    added.set_value(std::to_string(op));
  }
  return plan;
}

std::vector<MessageFault> Drawn() {
  std::vector<MessageFault> drawn;
  for (std::uint64_t ordinal = 0; ordinal < 200; ++ordinal) {
    MessageFault& fault = drawn.emplace_back();
    fault.set_from(1 + ordinal % 3);
    fault.set_to(101);
    fault.set_ordinal(ordinal);
    fault.set_extra_delay_ns(static_cast<std::int64_t>(ordinal) * kMillisecond);
  }
  return drawn;
}

bool HasOp(const Plan& plan, const std::string& value) {
  return std::any_of(plan.ops().begin(), plan.ops().end(),
                     [&](const ClientOp& op) { return op.value() == value; });
}

const MessageFault* FindMessage(const Plan& plan, std::uint64_t ordinal) {
  for (const MessageFault& fault : plan.message_faults()) {
    if (fault.ordinal() == ordinal) return &fault;
  }
  return nullptr;
}

bool HasPause(const Plan& plan) {
  return std::any_of(plan.faults().begin(), plan.faults().end(), [](const Fault& fault) {
    return fault.has_pause() && fault.for_ns() >= 20 * kMillisecond;
  });
}

/// Needs a stopped process, two operations, and a message that is at least 40 ms late.
std::string Violated(const Plan& plan) {
  const bool by_rates = plan.network().tail_ppm() > 0;
  const MessageFault* late = FindMessage(plan, 150);
  const bool delayed = by_rates || (late != nullptr && late->extra_delay_ns() >= 40 * kMillisecond);
  if (!HasOp(plan, "17") || !HasOp(plan, "60")) return HasOp(plan, "3") ? "another" : "";
  return HasPause(plan) && delayed ? "the rule" : "";
}

TrialOutcome Play(const Trial& trial) {
  TrialOutcome outcome{.violated = Violated(trial.plan), .events = 1'000};
  if (trial.wants_drawn) outcome.drawn = Drawn();
  return outcome;
}

Plan PlanWithPause() {
  Plan plan = BigPlan();
  Fault& fault = *plan.add_faults();
  fault.set_at_ns(1'234'567'890);
  fault.set_for_ns(700 * kMillisecond);
  fault.mutable_pause()->set_node(2);
  return plan;
}

TEST(ShrinkTest, OnlyWhatMattersIsLeft) {
  const Plan plan = PlanWithPause();
  const Shrunk shrunk = Shrink(plan, "the rule", 10'000'000, Play);
  EXPECT_EQ(Violated(shrunk.plan), "the rule");
  EXPECT_FALSE(shrunk.budget_spent);
  EXPECT_EQ(shrunk.items_before, plan.faults_size() + 200 + 100);
  EXPECT_EQ(shrunk.items_after, 4);
  ASSERT_EQ(shrunk.plan.faults_size(), 1);
  EXPECT_EQ(shrunk.plan.ops_size(), 2);
  ASSERT_EQ(shrunk.plan.message_faults_size(), 1);
  EXPECT_EQ(shrunk.plan.network().drop_ppm(), 0u);
  EXPECT_EQ(shrunk.plan.network().tail_ppm(), 0u);
}

TEST(ShrinkTest, TimesGetShorter) {
  const Shrunk shrunk = Shrink(PlanWithPause(), "the rule", 10'000'000, Play);
  const Fault& pause = shrunk.plan.faults(0);
  EXPECT_EQ(pause.at_ns(), 0);
  EXPECT_LT(pause.for_ns(), 40 * kMillisecond);
  EXPECT_LT(shrunk.plan.message_faults(0).extra_delay_ns(), 80 * kMillisecond);
  EXPECT_EQ(shrunk.plan.message_faults(0).extra_delay_ns() % kMillisecond, 0);
  EXPECT_EQ(shrunk.plan.ops(0).think_ns(), 0);
  EXPECT_GE(shrunk.plan.heal_after_ns(), pause.at_ns() + pause.for_ns());
}

TEST(ShrinkTest, AnotherRuleDoesNotCount) {
  const Shrunk shrunk = Shrink(PlanWithPause(), "the rule", 10'000'000, Play);
  EXPECT_TRUE(HasOp(shrunk.plan, "17") && HasOp(shrunk.plan, "60"));
}

TEST(ShrinkTest, TheSameAnswersBringTheSamePlan) {
  const Shrunk once = Shrink(PlanWithPause(), "the rule", 10'000'000, Play);
  const Shrunk again = Shrink(PlanWithPause(), "the rule", 10'000'000, Play);
  EXPECT_EQ(once.plan.SerializeAsString(), again.plan.SerializeAsString());
  EXPECT_EQ(once.replays, again.replays);
}

TEST(ShrinkTest, NothingIsPlayedTwice) {
  std::set<std::string> played;
  Shrink(PlanWithPause(), "the rule", 10'000'000, [&](const Trial& trial) {
    EXPECT_TRUE(played.insert(trial.plan.SerializeAsString()).second);
    return Play(trial);
  });
}

TEST(ShrinkTest, ABudgetOfEventsEndsIt) {
  int played = 0;
  const Shrunk shrunk = Shrink(PlanWithPause(), "the rule", 50'000, [&](const Trial& trial) {
    ++played;
    return Play(trial);
  });
  EXPECT_TRUE(shrunk.budget_spent);
  EXPECT_EQ(played, 50);
  EXPECT_EQ(shrunk.replays, 50);
  EXPECT_EQ(Violated(shrunk.plan), "the rule") << "what is left still fails";
}

TEST(ShrinkTest, AFailureThatDoesNotComeAgainIsLeftAlone) {
  const Plan plan = PlanWithPause();
  const Shrunk shrunk =
      Shrink(plan, "the rule", 10'000'000, [](const Trial&) { return TrialOutcome{.events = 7}; });
  EXPECT_EQ(shrunk.plan.SerializeAsString(), plan.SerializeAsString());
  EXPECT_EQ(shrunk.replays, 1);
}

TEST(ShrinkTest, WhenSingleMessagesDoNotDoItTheRatesStay) {
  const Shrunk shrunk = Shrink(PlanWithPause(), "the rule", 10'000'000, [](const Trial& trial) {
    TrialOutcome outcome = Play(trial);
    if (trial.plan.network().tail_ppm() == 0) outcome.violated.clear();
    return outcome;
  });
  EXPECT_GT(shrunk.plan.network().tail_ppm(), 0u);
  EXPECT_EQ(shrunk.items_after, 3);
}

TEST(ShrinkTest, RunsThatGoOnForLongAreCutShortUnlessThatIsTheFailure) {
  for (const char* rule : {"the rule", "node.budget"}) {
    bool cut = false;
    Shrink(PlanWithPause(), rule, 10'000'000, [&](const Trial& trial) {
      cut = cut || trial.events > 0;
      TrialOutcome outcome = Play(trial);
      if (!outcome.violated.empty()) outcome.violated = rule;
      return outcome;
    });
    EXPECT_EQ(cut, std::string(rule) == "the rule");
  }
}

}  // namespace
}  // namespace quorum::faults
