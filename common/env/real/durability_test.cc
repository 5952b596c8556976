// External synchrony: what a node sends after a synced write leaves when the write is durable.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/env/real/testing.h"
#include "common/node/testing/counter_node.h"

namespace quorum::testing {
namespace {

using namespace std::chrono_literals;

/// Node 1 is a counter whose disk the test holds; nodes 2 and 3 are clients.
class Durability : public ::testing::Test {
 protected:
  Durability() {
    auto store = std::make_unique<GatedStore>();
    disk_ = store.get();
    const auto make = [](Env& env) { return std::make_unique<CounterNode>(env, NodeConfig()); };
    const auto failed = [this](const absl::Status& status) { failure_.set_value(status); };
    server_ = StartHost(network_, 1, make, std::move(store), failed);
  }
  ~Durability() override { disk_->OpenGate(); }

  static AddRequest Add(std::int64_t amount) {
    AddRequest request;
    request.set_amount(amount);
    return request;
  }

  /// True when node 1 has begun to handle everything sent to it before this call. Its answers may
  /// be held back; this one asks the node itself.
  std::int64_t SumInMemory() {
    std::int64_t sum = 0;
    server_->RunAndWait([&](Env& env, Node&) {
      if (const auto stored = GetMessage<StoredSum>(env.storage(), "sum")) sum = stored->sum();
    });
    return sum;
  }

  void AwaitSum(std::int64_t sum) {
    while (SumInMemory() != sum) std::this_thread::yield();
  }

  template <class Future>
  static bool Answered(Future& future) {
    return future.wait_for(0s) == std::future_status::ready;
  }

  MemoryNetwork network_;
  GatedStore* disk_;
  std::promise<absl::Status> failure_;
  std::unique_ptr<NodeHost> server_;
  Client client_{network_, 2};
};

TEST_F(Durability, AReplyWaitsForTheWriteBeforeIt) {
  auto reply = client_.Begin(1, kAdd, Add(1));
  disk_->AwaitFlushes(1);
  // The loop is free meanwhile, and its reads see the write.
  EXPECT_EQ(SumInMemory(), 1);
  EXPECT_EQ(reply.wait_for(100ms), std::future_status::timeout);
  disk_->AllowOneFlush();
  EXPECT_EQ(reply.get()->sum(), 1);
}

TEST_F(Durability, EverythingSentAfterASyncedWriteWaitsAndNothingElse) {
  // What the node sends to node 3, in this order, around one synced write.
  std::vector<std::string> arrived;
  std::promise<void> last;
  const auto observer = StartHost(network_, 3, [&](Env& env) {
    env.Serve(kEcho, [&](const EchoRequest& request, Responder<EchoResponse> responder) {
      arrived.push_back(request.payload());
      responder.Reply(EchoResponse());
      if (request.payload() == "after") last.set_value();
    });
    return std::make_unique<Node>();
  });
  std::promise<void> first_answered;
  const auto say = [](Env& env, const std::string& what, absl::AnyInvocable<void()> answered) {
    EchoRequest request;
    request.set_payload(what);
    env.Call(3, kEcho, request, kPatience,
             [answered = std::move(answered)](const auto&) mutable { answered(); });
  };
  server_->RunAndWait([&](Env& env, Node&) {
    WriteBatch batch;
    batch.Put("key", "value");
    ASSERT_TRUE(env.storage().Write(batch, {.sync = false}).ok());
    say(env, "before", [&] { first_answered.set_value(); });
    ASSERT_TRUE(env.storage().Write(batch).ok());
    say(env, "after", [] {});
  });
  ASSERT_EQ(first_answered.get_future().wait_for(kPatience), std::future_status::ready);
  disk_->AwaitFlushes(1);
  observer->RunAndWait(
      [&](Env&, Node&) { EXPECT_THAT(arrived, ::testing::ElementsAre("before")); });
  disk_->AllowOneFlush();
  ASSERT_EQ(last.get_future().wait_for(kPatience), std::future_status::ready);
}

TEST_F(Durability, OneFlushCoversManyHandlers) {
  std::vector<std::future<absl::StatusOr<AddResponse>>> replies;
  replies.push_back(client_.Begin(1, kAdd, Add(1)));
  disk_->AwaitFlushes(1);
  for (int i = 0; i < 20; ++i) replies.push_back(client_.Begin(1, kAdd, Add(1)));
  AwaitSum(21);
  EXPECT_EQ(disk_->flushes_begun(), 1);
  disk_->AllowOneFlush();
  EXPECT_EQ(replies[0].get()->sum(), 1);
  disk_->AwaitFlushes(2);
  // The second flush is asked for what was written while the first one was on its way.
  EXPECT_FALSE(Answered(replies[1]));
  disk_->AllowOneFlush();
  for (int i = 1; i <= 20; ++i) EXPECT_EQ(replies[i].get()->sum(), i + 1);
  EXPECT_EQ(disk_->flushes_begun(), 2);
}

TEST_F(Durability, ACallThatIsHeldBackEndsAtItsDeadlineAndIsNeverSent) {
  std::vector<std::string> arrived;
  const auto observer = StartHost(network_, 3, [&](Env& env) {
    env.Serve(kEcho, [&](const EchoRequest& request, Responder<EchoResponse> responder) {
      arrived.push_back(request.payload());
      responder.Reply(EchoResponse());
    });
    return std::make_unique<Node>();
  });
  EchoRequest held, probe;
  held.set_payload("held");
  probe.set_payload("probe");
  std::promise<absl::Status> outcome;
  server_->RunAndWait([&](Env& env, Node&) {
    ASSERT_TRUE(env.storage().Write(WriteBatch()).ok());
    env.Call(3, kEcho, held, 10ms, [&](const absl::StatusOr<EchoResponse>& response) {
      outcome.set_value(response.status());
    });
  });
  EXPECT_TRUE(absl::IsDeadlineExceeded(outcome.get_future().get()));
  disk_->OpenGate();
  ASSERT_TRUE(client_.Call(1, kAdd, Add(1)).ok());  // behind it in the outbox
  ASSERT_TRUE(client_.Call(3, kEcho, probe).ok());
  observer->RunAndWait([&](Env&, Node&) { EXPECT_THAT(arrived, ::testing::ElementsAre("probe")); });
}

TEST_F(Durability, AFailedFlushEndsTheNodeAndReleasesNothing) {
  auto reply = client_.Begin(1, kAdd, Add(1));
  disk_->AwaitFlushes(1);
  disk_->FailFlushes(absl::DataLossError("the disk is gone"));
  disk_->AllowOneFlush();
  EXPECT_TRUE(absl::IsDataLoss(failure_.get_future().get()));
  disk_->OpenGate();
  EXPECT_FALSE(Answered(reply));
  server_->Stop();
  EXPECT_TRUE(absl::IsUnavailable(reply.get().status()));
}

TEST_F(Durability, AFullDiskIsAnErrorThatTheNodeSurvives) {
  disk_->OpenGate();
  disk_->FailAppends(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_TRUE(absl::IsResourceExhausted(client_.Call(1, kAdd, Add(1)).status()));
  disk_->FailAppends(absl::OkStatus());
  EXPECT_EQ(client_.Call(1, kAdd, Add(1))->sum(), 1);
}

TEST_F(Durability, StoppingDoesNotWaitForHeldMessages) {
  auto reply = client_.Begin(1, kAdd, Add(1));
  disk_->AwaitFlushes(1);
  disk_->OpenGate();
  server_->Stop();
  const auto outcome = reply.get();
  EXPECT_TRUE(outcome.ok() || absl::IsUnavailable(outcome.status()));
}

}  // namespace
}  // namespace quorum::testing
