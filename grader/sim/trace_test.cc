// What a trace tells a reader besides what happened: what belongs together.

#include <map>

#include "grader/sim/test_room.h"

namespace quorum::sim {
namespace {

using namespace std::chrono_literals;
using echo::kEcho;

TEST(BatchCodeTest, ABatchComesBackWhateverItsBytesAre) {
  WriteBatch batch;
  batch.Put("a=b\n", std::string("\0\n=", 3));
  batch.Delete("gone");
  batch.Put("", "");
  const WriteBatch back = DecodeBatch(EncodeBatch(batch));
  ASSERT_EQ(back.changes().size(), 3u);
  EXPECT_EQ(back.changes()[0].key, "a=b\n");
  EXPECT_EQ(back.changes()[0].value, std::string("\0\n=", 3));
  EXPECT_EQ(back.changes()[1].value, std::nullopt);
  EXPECT_EQ(back.changes()[2].value, "");
}

TEST(BatchCodeTest, WhatIsNoBatchIsAnEmptyOne) {
  WriteBatch batch;
  batch.Put("key", "value");
  const std::string payload = EncodeBatch(batch);
  for (std::size_t size = 1; size < payload.size(); ++size) {
    EXPECT_TRUE(DecodeBatch(payload.substr(0, size)).empty()) << size;
  }
}

class TraceTest : public TestRoom {};

TEST_F(TraceTest, AResponseNamesItsRequestAndADuplicateIsAnsweredByAnotherMessage) {
  MakeWorld();
  faults::MessageFault twice;
  twice.set_from(2);
  twice.set_to(1);
  twice.set_duplicate_after_ns(1 * kMillisecond);
  world().network().AddMessageFault(twice);
  AddEchoing(1);
  AddNode(2, [](Env& env, const NodeConfig&, ScriptedNode&) {
    env.Call(1, kEcho, Request("x"), 20ms, [](auto) {});
  });
  world().RunFor(100 * kMillisecond);
  std::vector<std::uint64_t> requests;
  std::vector<std::uint64_t> responses;
  for (const TraceRecord& record : world().trace().records()) {
    if (record.kind != TraceKind::kSend) continue;
    (record.flag & 1 ? responses : requests).push_back(record.id);
  }
  ASSERT_EQ(requests.size(), 1u);
  ASSERT_EQ(responses.size(), 2u);
  EXPECT_NE(responses[0], responses[1]);
  EXPECT_EQ(RequestOf(responses[0]), requests[0]);
  EXPECT_EQ(RequestOf(responses[1]), requests[0]);
}

TEST_F(TraceTest, ATimeoutAndARefusalNameTheRequestAndAnErrorItsText) {
  MakeWorld();
  AddEchoing(1);
  world().network().Cut(2, 1);
  AddNode(2, [](Env& env, const NodeConfig&, ScriptedNode&) {
    env.Call(1, kEcho, Request("x"), 20ms, [](auto) {});
    env.Call(3, kEcho, Request("y"), 20ms, [](auto) {});
  });
  world().RunFor(100 * kMillisecond);
  std::map<TraceKind, TraceRecord> seen;
  for (const TraceRecord& record : world().trace().records()) {
    if (record.node != 2) continue;
    seen[record.kind] = record;
    if (record.kind != TraceKind::kDeliver) continue;
    EXPECT_EQ(world().trace().payload(record), "UNAVAILABLE: Nothing listens at the peer.");
  }
  EXPECT_EQ(seen.at(TraceKind::kTimeout).id, seen.at(TraceKind::kDrop).id);
  EXPECT_EQ(seen.at(TraceKind::kRefused).id, RequestOf(seen.at(TraceKind::kDeliver).id));
}

TEST_F(TraceTest, ACrashSaysWhatItsDiskKeptAndWhatNeverLeft) {
  MakeWorld();
  AddNode(1, [](Env& env, const NodeConfig&, ScriptedNode&) {
    env.Serve(kEcho, [&env](const echo::EchoRequest& request, auto responder) {
      WriteBatch batch;
      batch.Put("a", request.text());
      ASSERT_TRUE(env.storage().Write(batch).ok());
      responder.Reply(echo::EchoResponse());
    });
  });
  world().machine(1).disk.extra_fsync_ns = 50 * kMillisecond;
  AddNode(2, [](Env& env, const NodeConfig&, ScriptedNode&) {
    env.Call(1, kEcho, Request("x"), 20ms, [](auto) {});
  });
  world().RunFor(10 * kMillisecond);
  world().Crash(1, /*power_loss=*/false);
  EXPECT_EQ(Count(TraceKind::kLost, 1), 1);
  for (const TraceRecord& record : world().trace().records()) {
    if (record.kind != TraceKind::kCrash) continue;
    EXPECT_EQ(record.id, world().machine(1).disk.durable().size());
  }
}

}  // namespace
}  // namespace quorum::sim
