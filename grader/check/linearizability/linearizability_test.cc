#include "grader/check/linearizability/linearizability.h"

#include "gmock/gmock.h"
#include "grader/check/linearizability/explain.h"
#include "grader/check/linearizability/history_generator.h"
#include "gtest/gtest.h"

namespace quorum::check {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kAbsent = std::nullopt;
constexpr auto kNever = std::nullopt;

using Value = std::optional<std::string>;
using Return = std::optional<std::int64_t>;

Operation Make(OpKind op, std::int64_t call, Return ret) {
  Operation operation;
  operation.key = "x";
  operation.op = op;
  operation.call = call;
  operation.ret = ret;
  return operation;
}

Operation Get(std::int64_t call, Return ret, Value result) {
  Operation op = Make(OpKind::kGet, call, ret);
  op.result = std::move(result);
  return op;
}

Operation Put(std::int64_t call, Return ret, std::string value) {
  Operation op = Make(OpKind::kPut, call, ret);
  op.value = std::move(value);
  return op;
}

Operation Append(std::int64_t call, Return ret, std::string value) {
  Operation op = Make(OpKind::kAppend, call, ret);
  op.value = std::move(value);
  return op;
}

Operation Cas(std::int64_t call, Return ret, Value expect, std::string value, bool swapped) {
  Operation op = Make(OpKind::kCas, call, ret);
  op.expect = std::move(expect);
  op.value = std::move(value);
  op.swapped = swapped;
  return op;
}

void ExpectLegal(const History& history, Model model = Model::kRegister) {
  const CheckResult result = CheckHistory(history, model);
  EXPECT_EQ(result.verdict, Verdict::kLinearizable) << Explain(result);
}

// Expects that the last operation cannot be placed.
void ExpectLastIllegal(const History& history, Model model = Model::kRegister) {
  const CheckResult result = CheckHistory(history, model);
  ASSERT_EQ(result.verdict, Verdict::kNotLinearizable);
  EXPECT_EQ(result.violation->index, history.size() - 1) << Explain(result);
  EXPECT_TRUE(result.violation->exact);
}

TEST(LinearizabilityTest, NothingIsLegal) {
  ExpectLegal({});
  ExpectLegal({Get(1, kNever, kAbsent)});
}

TEST(LinearizabilityTest, AGetSeesThePutBefore) {
  ExpectLegal({Put(1, 2, "a"), Get(3, 4, "a")});
  ExpectLastIllegal({Put(1, 2, "a"), Get(3, 4, "b")});
  ExpectLastIllegal({Put(1, 2, "a"), Get(3, 4, kAbsent)});
  ExpectLastIllegal({Put(1, 2, "a"), Put(3, 4, "b"), Get(5, 6, "a")});
}

TEST(LinearizabilityTest, TwoGetsDoNotSeeOppositeOrders) {
  const History puts = {Put(1, 9, "a"), Put(1, 9, "b")};
  History history = puts;
  history.insert(history.end(), {Get(2, 3, "a"), Get(4, 5, "b")});
  ExpectLegal(history);
  history.push_back(Get(6, 7, "a"));
  EXPECT_EQ(CheckHistory(history, Model::kRegister).verdict, Verdict::kNotLinearizable);
}

TEST(LinearizabilityTest, TiesOverlap) {
  ExpectLegal({Put(1, 5, "a"), Get(5, 6, kAbsent)});
  ExpectLegal({Put(5, 6, "a"), Get(1, 5, "a")});
  ExpectLegal({Get(5, 5, "a"), Put(5, 5, "a"), Get(5, 5, kAbsent)});
  ExpectLastIllegal({Put(1, 5, "a"), Get(6, 6, kAbsent)});
}

TEST(LinearizabilityTest, AnUnknownPutHappensLateOrNever) {
  ExpectLegal({Put(1, kNever, "a"), Get(2, 3, kAbsent), Get(100, 101, "a")});
  ExpectLegal({Put(1, kNever, "a"), Get(100, 101, kAbsent)});
  ExpectLastIllegal({Put(1, kNever, "a"), Get(2, 3, "a"), Get(4, 5, kAbsent)});
  ExpectLastIllegal({Put(1, kNever, "a"), Put(2, 3, "b"), Get(4, 5, "a"), Get(6, 7, "b")});
  EXPECT_EQ(CheckHistory({Get(1, 2, "a"), Put(3, kNever, "a")}, Model::kRegister).verdict,
            Verdict::kNotLinearizable);
}

TEST(LinearizabilityTest, AnAppendStaysAndAddsAtTheEnd) {
  ExpectLegal({Append(1, 2, "a"), Append(3, 4, "b"), Get(5, 6, "ab")});
  ExpectLegal({Append(1, 4, "a"), Append(1, 4, "b"), Get(5, 6, "ba")});
  ExpectLegal({Put(1, 2, "x"), Append(3, 4, "a"), Get(5, 6, "xa"), Put(7, 8, ""), Get(9, 9, "")});
  ExpectLastIllegal({Append(1, 2, "a"), Append(3, 4, "b"), Get(5, 6, "ba")});
  ExpectLastIllegal({Append(1, 2, "a"), Append(3, 4, "b"), Get(5, 6, "b")});
  ExpectLastIllegal({Append(1, 2, "a"), Get(3, 4, "aa")});
  ExpectLastIllegal({Append(1, 9, "a"), Append(1, 9, "b"), Get(2, 3, "ab"), Get(2, 4, "ba")});
}

TEST(LinearizabilityTest, AnUnknownAppendHappensAtMostOnce) {
  ExpectLegal({Append(1, kNever, "a"), Get(2, 3, kAbsent), Get(4, 5, "a")});
  ExpectLastIllegal({Append(1, kNever, "a"), Get(2, 3, "aa")});
  ExpectLegal({Append(1, kNever, "a"), Append(1, kNever, "a"), Get(2, 3, "aa")});
}

TEST(LinearizabilityTest, ACasSwapsWhatItExpects) {
  ExpectLegal({Cas(1, 2, kAbsent, "a", true), Cas(3, 4, "a", "b", true), Get(5, 6, "b")});
  ExpectLegal({Put(1, 2, "a"), Cas(3, 4, "b", "c", false), Get(5, 6, "a")});
  ExpectLastIllegal({Put(1, 2, "a"), Cas(3, 4, "b", "c", true)});
  ExpectLastIllegal({Put(1, 2, "a"), Cas(3, 4, "a", "c", false)});
  ExpectLastIllegal({Put(1, 2, "a"), Cas(3, 4, "b", "c", false), Get(5, 6, "c")});
  ExpectLastIllegal({Put(1, 2, "a"), Cas(3, 9, "a", "b", true), Cas(3, 9, "a", "c", true)});
}

TEST(LinearizabilityTest, AnUnknownCasSwapsOrNot) {
  const Operation cas = Cas(3, kNever, "a", "b", false);
  ExpectLegal({Put(1, 2, "a"), cas, Get(4, 5, "a"), Get(6, 7, "b")});
  ExpectLegal({Put(1, 2, "a"), cas, Get(4, 5, "a")});
  ExpectLastIllegal({Put(1, 2, "a"), cas, Get(4, 5, "b"), Get(6, 7, "a")});
  ExpectLastIllegal({Put(1, 2, "c"), cas, Get(4, 5, "b")});
}

TEST(LinearizabilityTest, ACasMayFailOnAValueThatNobodyElseSaw) {
  ExpectLegal({Put(1, 2, "a"), Put(3, 9, "b"), Cas(4, 5, "a", "c", false), Put(3, 9, "a"),
               Get(10, 11, "a")});
  ExpectLegal({Put(1, 2, "a"), Append(3, kNever, "b"), Cas(4, 5, "a", "c", false)});
}

TEST(LinearizabilityTest, OnlyARegisterTellsAbsentFromEmpty) {
  for (const Value& first : {Value(), Value("")}) {
    ExpectLegal({Get(1, 2, first)}, Model::kKv);
    ExpectLegal({Put(1, 2, ""), Get(3, 4, first)}, Model::kKv);
    ExpectLegal({Cas(1, 2, first, "a", true)}, Model::kKv);
  }
  ExpectLastIllegal({Get(1, 2, "")});
  ExpectLastIllegal({Put(1, 2, ""), Get(3, 4, kAbsent)});
  ExpectLegal({Append(1, 2, ""), Get(3, 4, "")});
  ExpectLastIllegal({Append(1, 2, ""), Get(3, 4, kAbsent)});
  ExpectLastIllegal({Cas(1, 2, "", "a", true)});
}

TEST(LinearizabilityTest, KeysAreCheckedOneByOne) {
  Operation other = Put(1, 2, "b");
  other.key = "y";
  ExpectLegal({Put(1, 2, "a"), other, Get(3, 4, "a")}, Model::kKv);
  History history = {other, Put(1, 2, "a"), Get(3, 4, "b")};
  ExpectLastIllegal(history, Model::kKv);
  EXPECT_EQ(CheckHistory(history, Model::kKv).violation->key, "x");
}

TEST(LinearizabilityTest, AViolationComesWithALegalOrderOfAllBefore) {
  const History history = {Put(1, 8, "a"), Get(2, 3, "a"), Put(4, 5, "b"), Get(6, 7, "a")};
  const CheckResult result = CheckHistory(history, Model::kRegister);
  ASSERT_TRUE(result.violation.has_value());
  EXPECT_EQ(result.violation->index, 3u);
  EXPECT_THAT(result.violation->prefix, ElementsAre(0, 1, 2));
  EXPECT_EQ(result.violation->value, "b");
  EXPECT_EQ(Explain(result),
            "Not linearizable: no order explains key \"x\".\n"
            "A legal order of the operations so far, each with the value after it:\n"
            "              [1, 8]  client 0: put \"a\"   => \"a\"\n"
            "              [2, 3]  client 0: get -> \"a\"   => \"a\"\n"
            "              [4, 5]  client 0: put \"b\"   => \"b\"\n"
            "This operation fits neither there nor in any other order:\n"
            "              [6, 7]  client 0: get -> \"a\"\n"
            "               there  the value is \"b\"\n");
}

TEST(LinearizabilityTest, InstantsOfASimulatedWorldAreToldAsDiagramsHaveThem) {
  History history = {Put(1'000'000, 2'500'000, "a"), Get(3'000'000, 164'156'000, "b")};
  history[1].client = -2;
  const CheckResult result = CheckHistory(history, Model::kRegister);
  EXPECT_THAT(Explain(result, /*simulated=*/true),
              HasSubstr("    [1.000, 2.500 ms]  client 0: put \"a\""));
  EXPECT_THAT(Explain(result, /*simulated=*/true),
              HasSubstr("[3.000, 164.156 ms]  the test: get -> \"b\""));
}

TEST(LinearizabilityTest, ALateViolationIsPlacedExactly) {
  HistoryShape shape;
  shape.operations = 2000;
  History history = MakeHistory(shape, 3);
  const std::int64_t end = 1'000'000;
  history.push_back(Put(end, end + 1, "last"));
  history.push_back(Get(end + 2, end + 3, history[20].value));
  for (Operation& op : history) {
    op.key = "x";
  }
  ExpectLastIllegal(history, Model::kKv);
  const CheckResult result = CheckHistory(history, Model::kKv);
  EXPECT_EQ(result.violation->tail.size(), 12u);
  EXPECT_EQ(result.violation->value, "last");
  EXPECT_EQ(result.violation->prefix.size(), history.size() - 1);
}

TEST(LinearizabilityTest, LongValuesAreShortened) {
  const CheckResult result =
      CheckHistory({Put(1, 2, std::string(1000, 'a')), Get(3, 4, "b")}, Model::kKv);
  EXPECT_THAT(Explain(result), HasSubstr("aaa\" (1000 bytes)"));
  EXPECT_LT(Explain(result).size(), 1000u);
}

}  // namespace
}  // namespace quorum::check
