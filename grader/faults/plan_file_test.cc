// Plans survive a file, and what is no plan is told so.

#include "grader/faults/plan_file.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "grader/faults/profile.h"
#include "grader/sim/rng.h"

namespace quorum::faults {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;

Plan Drawn(std::uint64_t seed) {
  Scope scope;
  scope.nodes = {1, 2, 3};
  scope.clients = {101};
  scope.duration = 3'000'000'000;
  scope.may_lose_disk = 1;
  scope.clocks_out_of_bound = true;
  Plan plan = DrawPlan(Profile::kEverything, seed, scope);
  plan.set_scenario("echo.Test");
  plan.set_violated("echo.at-most-once");
  MessageFault& fault = *plan.add_message_faults();
  fault.set_from(1);
  fault.set_to(101);
  fault.set_drop(true);
  ClientOp& op = *plan.add_ops();
  op.set_op("say");
  op.set_value("a \"quoted\" \n#word");
  return plan;
}

std::string ErrorOf(const std::string& text) {
  const auto plan = ParsePlan(text, "x.plan");
  return plan.ok() ? "no error" : std::string(plan.status().message());
}

TEST(PlanFileTest, APlanComesBackFromItsFile) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Plan plan = Drawn(seed);
    const std::string path = ::testing::TempDir() + "/folder/some.plan";
    ASSERT_TRUE(SavePlan(path, plan, "two lines\nof comment: {}").ok());
    const auto back = LoadPlan(path);
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_TRUE(MessageDifferencer::Equals(*back, plan)) << seed;
  }
}

TEST(PlanFileTest, ErrorsAreOneSentence) {
  EXPECT_EQ(LoadPlan("/no/such.plan").status().message(),
            "There is no file /no/such.plan that can be read.");
  EXPECT_EQ(LoadPlan("/tmp").status().message(), "There is no file /tmp that can be read.");
  EXPECT_THAT(ErrorOf("scenario: \"a.B\"\nseed: x"), HasSubstr("x.plan is not a plan: line 2: "));
  EXPECT_THAT(ErrorOf("scenario: \"a.B\"\nwhat: 3"), HasSubstr("line 2: "));
  EXPECT_EQ(ErrorOf(""), "x.plan is not a plan that can be played: it names no scenario.");
  const std::string scenario = "scenario: \"a.B\" ";
  EXPECT_EQ(ErrorOf(scenario), "no error");
  EXPECT_THAT(ErrorOf(scenario + "faults { at_ns: -1 }"), HasSubstr("at_ns is -1"));
  EXPECT_THAT(ErrorOf(scenario + "faults { at_ns: 1 }"), HasSubstr("does not say what it hits"));
  EXPECT_THAT(ErrorOf(scenario + "faults { crash { node: 4000000000 } }"), HasSubstr("not a node"));
  EXPECT_THAT(ErrorOf(scenario + "faults { partition { from: 0 to: 1 } }"),
              HasSubstr("not a node"));
  EXPECT_THAT(ErrorOf(scenario + "network { drop_ppm: 1000001 }"), HasSubstr("a million"));
  EXPECT_THAT(ErrorOf(scenario + "message_faults { from: 1 }"),
              HasSubstr("does not name its link"));
  EXPECT_THAT(ErrorOf(scenario + "faults { clock { node: 1 rate_ppm: -1000000 } }"),
              HasSubstr("a rate that a clock can have"));
}

/// Whatever the bytes are, the answer is a plan or one sentence.
TEST(PlanFileTest, NonsenseIsRefusedInASentence) {
  const std::string text = Drawn(7).DebugString();
  sim::Rng random(1);
  for (int round = 0; round < 3'000; ++round) {
    std::string broken = text;
    for (std::uint64_t left = 1 + random.Below(4); left > 0; --left) {
      const std::size_t at = random.Below(broken.size());
      switch (random.Below(3)) {
        case 0:
          broken[at] = static_cast<char>(random.Below(256));
          break;
        case 1:
          broken.erase(at, 1 + random.Below(20));
          break;
        default:
          broken.insert(at, broken.substr(random.Below(broken.size()), random.Below(20)));
      }
      if (broken.empty()) broken = "{";
    }
    const std::string error = ErrorOf(broken);
    if (error == "no error") continue;
    EXPECT_THAT(error, HasSubstr("x.plan is not a plan"));
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

}  // namespace
}  // namespace quorum::faults
