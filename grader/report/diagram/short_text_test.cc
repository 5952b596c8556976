// What becomes of messages that do not fit into a diagram.

#include "grader/report/diagram/short_text.h"

#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include "grader/faults/plan.pb.h"
#include "grader/report/diagram/contents.h"
#include "labs/lab0_echo/echo.h"
#include "labs/lab1_hash_ring/hash_ring.pb.h"

namespace quorum::report {
namespace {

TEST(ShortTextTest, FieldsThatAreNotSetDoNotShow) {
  faults::Fault fault;
  EXPECT_EQ(ShortText(fault), "");
  fault.mutable_crash()->set_node(3);
  fault.mutable_crash()->set_power_loss(true);
  EXPECT_EQ(ShortText(fault), "crash{node=3 power_loss=true}");
  EXPECT_EQ(ShortText(faults::Partition()), "");
  EXPECT_EQ(ShortText(faults::Partition(), /*verdicts=*/true), "one_way=false");
}

TEST(ShortTextTest, LongStringsAndLongListsAreCut) {
  faults::Plan plan;
  plan.set_profile("\"a\" string of more than twenty-four bytes");
  for (std::uint32_t node = 1; node <= 9; ++node) {
    plan.add_ops()->set_client(node);
  }
  EXPECT_EQ(ShortText(plan),
            "profile=\"\\\"a\\\" string of more th...\" "
            "ops=[{client=1} {client=2} {client=3} {client=4} ... 9 in all]");
}

TEST(ShortTextTest, FieldsThatAreNotToBeDrawnDoNotShow) {
  hash_ring::Ring ring;
  ring.set_epoch(2);
  ring.set_points_per_unit(64);
  ring.add_members()->set_node(1);
  ring.mutable_members(0)->set_weight(1);
  EXPECT_EQ(ShortText(ring), "epoch=2 members=[1]");
}

TEST(ShortTextTest, WhateverStandsInAMessageBecomesUtf8) {
  google::protobuf::BytesValue bytes;
  bytes.set_value("\x0a\x88\x27");
  EXPECT_EQ(ShortText(bytes), "value=\"\\n\\210\\'\"")
      << "a diagram is a string field of a message";
  echo::EchoRequest inner;
  inner.set_text("append");
  bytes.set_value(inner.SerializeAsString());
  EXPECT_EQ(ShortText(bytes), "value={2=\"append\"}") << "bytes may well be a message";
  google::protobuf::StringValue text;
  text.set_value("na\u00efve");
  EXPECT_EQ(ShortText(text), "value=\"na\u00efve\"");
  text.set_value("twenty bytes, and a \u00ef or more");
  EXPECT_EQ(ShortText(text), "value=\"twenty bytes, and a \\303...\"");
}

TEST(ShortTextTest, BytesAreAStringOrFieldsOrJustBytes) {
  echo::Counter counter;
  counter.set_value(300);
  EXPECT_EQ(ShortTextOfBytes("plain"), "\"plain\"");
  EXPECT_EQ(ShortTextOfBytes(""), "\"\"");
  EXPECT_EQ(ShortTextOfBytes(counter.SerializeAsString()), "{1=300}");
  EXPECT_EQ(ShortTextOfBytes("\xff\xff\xff"), "<3 bytes>");
}

TEST(ContentsTest, AMessageIsDecodedAsItsMethodSays) {
  const Contents contents({"", echo::kEcho.path});
  echo::EchoRequest request;
  request.mutable_id()->set_client(7);
  request.set_text("hello");
  const std::string bytes = request.SerializeAsString();
  EXPECT_EQ(contents.Message(echo::kEcho.path, false, bytes), "id{client=7} text=\"hello\"");
  EXPECT_EQ(contents.Message(echo::kEcho.path, false, bytes.substr(0, 1)),
            "1 bytes that are no EchoRequest");
  EXPECT_EQ(contents.Message("/no.such/Method", false, "x"), "\"x\"");
  EXPECT_EQ(ShortName(echo::kEcho.path), "Echo");
}

TEST(ContentsTest, AValueIsDecodedAsItsKeySays) {
  const Contents contents({"", echo::kEcho.path});
  echo::Counter counter;
  counter.set_value(3);
  echo::Answered answered;
  answered.mutable_id()->set_sequence(2);
  WriteBatch batch;
  batch.PutMessage("executions", counter);
  batch.PutMessage("last/12", answered);
  batch.PutMessage("elsewhere", counter);
  batch.Delete("gone");
  batch.Delete("entry/00000000000000000107");
  batch.Delete("entry/00000000000000000000");
  EXPECT_EQ(contents.Batch(batch),
            "executions=(value=3)  last/12=(id{sequence=2})  elsewhere={1=3}  gone deleted  "
            "entry/..107 deleted  entry/..0 deleted");
}

}  // namespace
}  // namespace quorum::report
