#include "grader/check/linearizability/history_json.h"

#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "grader/check/linearizability/history_generator.h"
#include "gtest/gtest.h"

namespace quorum::check {
namespace {

using testing::HasSubstr;

absl::StatusOr<History> Read(const std::string& text, Model model = Model::kKv) {
  std::istringstream in(text);
  return ReadHistory(in, model);
}

// What is said of a history whose second line is `line`.
std::string Complaint(const std::string& line, Model model = Model::kKv) {
  const auto history = Read(R"({"client":1,"key":"k","op":"put","value":"a","call":1,"return":2})"
                            "\n" +
                                line + "\n",
                            model);
  EXPECT_EQ(history.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(history.status().message());
}

TEST(HistoryJsonTest, ReadsEveryOperation) {
  const auto history = Read(R"(
{"client":1,"key":"k","op":"put","value":"a","call":1,"return":2}
{"client":2,"key":"k","op":"append","value":"b","call":-3,"return":null}
{"client":3,"key":"k","op":"get","result":"ab","call":4,"return":4,"node":"ignored"}
{"client":4,"key":"k","op":"get","result":null,"call":5,"return":6}
{"client":5,"key":"k","op":"cas","expect":null,"value":"c","result":true,"call":7,"return":8}
{"client":6,"key":"k","op":"cas","expect":"c","value":"d","call":9,"return":null}
)");
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_EQ(history->size(), 6u);
  EXPECT_EQ((*history)[0].value, "a");
  EXPECT_EQ((*history)[1].call, -3);
  EXPECT_FALSE((*history)[1].ret.has_value());
  EXPECT_EQ((*history)[2].result, "ab");
  EXPECT_EQ((*history)[2].client, 3);
  EXPECT_EQ((*history)[3].result, std::nullopt);
  EXPECT_EQ((*history)[4].expect, std::nullopt);
  EXPECT_TRUE((*history)[4].swapped);
  EXPECT_EQ((*history)[5].expect, "c");
}

TEST(HistoryJsonTest, WritesWhatItReads) {
  HistoryShape shape;
  shape.operations = 500;
  shape.keys = 3;
  shape.appends = shape.cas = 1;
  shape.unknown = 20;
  const History history = MakeHistory(shape, 1);
  std::stringstream first;
  WriteHistory(history, first);
  const auto again = Read(first.str());
  ASSERT_TRUE(again.ok()) << again.status();
  std::stringstream second;
  WriteHistory(*again, second);
  EXPECT_EQ(first.str(), second.str());
}

TEST(HistoryJsonTest, AnEmptyFileIsAnEmptyHistory) { EXPECT_TRUE(Read("")->empty()); }

TEST(HistoryJsonTest, SaysWhatIsWrongWithWhichLine) {
  EXPECT_EQ(Complaint("{"), "Line 2: this is not valid JSON.");
  EXPECT_EQ(Complaint("[]"), "Line 2: an operation must be a JSON object.");
  EXPECT_EQ(Complaint("{}"), "Line 2: the field \"client\" is missing.");
  EXPECT_EQ(Complaint(R"({"client":"me"})"), "Line 2: \"client\" must be an integer of 64 bits.");
  EXPECT_EQ(Complaint(R"({"client":1,"key":7})"), "Line 2: \"key\" must be a string.");
  EXPECT_EQ(Complaint(R"({"client":1,"key":"k","op":"incr"})"),
            "Line 2: \"incr\" is no operation; get, put, append and cas are.");
  EXPECT_EQ(Complaint(R"({"client":1,"key":"k","op":"get","result":"","call":1})"),
            "Line 2: the field \"return\" is missing.");
  EXPECT_EQ(Complaint(R"({"client":1,"key":"k","op":"get","result":"","call":1.5,"return":2})"),
            "Line 2: \"call\" must be an integer of 64 bits.");
  EXPECT_EQ(Complaint(R"({"client":1,"key":"k","op":"get","result":7,"call":1,"return":2})"),
            "Line 2: \"result\" must be a string, or null for an absent value.");
  EXPECT_EQ(Complaint(R"({"client":1,"key":"k","op":"put","value":"a","call":3,"return":2})"),
            "Line 2: the operation returns at 2, before its call at 3.");
  EXPECT_EQ(Complaint(R"({"client":1,"key":"k","op":"cas","value":"a","call":3,"return":2})"),
            "Line 2: the field \"expect\" is missing.");
  EXPECT_EQ(Complaint(R"({"client":1,"key":"k","op":"cas","value":"a","expect":"",)"
                      R"("result":"true","call":1,"return":2})"),
            "Line 2: the \"result\" of a cas must be true or false.");
  EXPECT_THAT(Complaint(R"({"client":1,"key":"k","op":"put","value":"a","call":1,)"
                        R"("return":18446744073709551615})"),
              HasSubstr("\"return\" must be an integer"));
}

TEST(HistoryJsonTest, ARegisterIsOneKey) {
  const char* other = R"({"client":1,"key":"j","op":"put","value":"a","call":1,"return":2})";
  EXPECT_EQ(Complaint(other, Model::kRegister),
            "Line 2: a register is one key, but after \"k\" comes \"j\"; the model kv has many "
            "keys.");
  EXPECT_TRUE(Read(other, Model::kKv).ok());
}

}  // namespace
}  // namespace quorum::check
