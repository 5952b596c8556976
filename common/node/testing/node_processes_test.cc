// Links and disks that a test holds in its hand do what they say.

#include "common/node/testing/node_processes.h"

#include <gtest/gtest.h>

#include "common/env/real/clock.h"
#include "common/node/testing/counter_node.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"

namespace quorum::testing {
namespace {

using namespace std::chrono_literals;

constexpr Duration kForEver = 60s;  ///< only a bug makes a test wait for it
constexpr Duration kAWhile = 300ms;

class Processes : public ::testing::Test {
 protected:
  Processes() { nodes_.StartAll(); }

  template <class Request>
  absl::StatusOr<AddResponse> Call(NodeId node, const Method<Request, AddResponse>& method,
                                   const Request& request, Duration timeout) {
    const auto bytes =
        CallAndWait(*client_, node, method.path, request.SerializeAsString(), timeout);
    if (!bytes.ok()) return bytes.status();
    AddResponse response;
    EXPECT_TRUE(response.ParseFromString(*bytes));
    return response;
  }
  absl::StatusOr<AddResponse> Add(NodeId node, Duration timeout = kForEver) {
    AddRequest request;
    request.set_amount(1);
    return Call(node, kAdd, request, timeout);
  }
  std::int64_t Sum(NodeId node) {
    auto read = Call(node, kAdd, AddRequest(), kForEver);
    while (absl::IsUnavailable(read.status())) read = Call(node, kAdd, AddRequest(), kForEver);
    EXPECT_TRUE(read.ok()) << read.status();
    return read.ok() ? read->sum() : -1;
  }
  /// Node 1 asks node 2 to add.
  absl::Status AddOverLink(Duration timeout) {
    AddAtRequest request;
    request.set_node(2);
    request.mutable_request()->set_amount(1);
    request.set_timeout_ms(std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count());
    return Call(1, kAddAt, request, kForEver).status();
  }
  /// The same until it succeeds.
  void AddOverLinkAtLast() {
    while (!AddOverLink(kAWhile).ok()) {
    }
  }

  NodeProcesses nodes_{{.role = "counter.node", .modules = {COUNTER_MODULE, COUNTER_MODULE}}};
  const std::unique_ptr<GrpcTransport> client_ =
      MakeGrpcTransport({.listen = "", .peers = nodes_.addresses()});
};

TEST_F(Processes, ACutLinkCarriesNothing) {
  AddOverLinkAtLast();
  nodes_.Isolate(2);
  EXPECT_TRUE(absl::IsDeadlineExceeded(AddOverLink(kAWhile)));
  EXPECT_TRUE(Add(2).ok()) << "whoever is no node still reaches it";
  nodes_.HealLinks();
  AddOverLinkAtLast();
}

TEST_F(Processes, ALinkThatIsCutOneWayCarriesTheOther) {
  AddOverLinkAtLast();
  const std::int64_t before = Sum(2);
  nodes_.CutOneWay(2, 1);  // requests arrive, answers do not
  EXPECT_TRUE(absl::IsDeadlineExceeded(AddOverLink(kAWhile)));
  while (Sum(2) == before) {
  }
  nodes_.HealLinks();
  nodes_.CutOneWay(1, 2);
  const std::int64_t now = Sum(2);
  EXPECT_FALSE(AddOverLink(kAWhile).ok());
  EXPECT_EQ(Sum(2), now);
}

TEST_F(Processes, ASlowLinkTakesItsTimeEitherWay) {
  AddOverLinkAtLast();
  nodes_.Delay(50ms);
  const Time begin = MonotonicNow();
  EXPECT_TRUE(AddOverLink(kForEver).ok());
  EXPECT_GE(MonotonicNow() - begin, 100ms);
}

TEST_F(Processes, AKilledNodeIsGoneAndComesBack) {
  AddOverLinkAtLast();
  nodes_.Kill(2);
  while (!absl::IsUnavailable(AddOverLink(kForEver))) {
  }
  nodes_.Start(2);
  AddOverLinkAtLast();
}

TEST_F(Processes, AFullDiskRefusesAndGoesOn) {
  for (const auto space : {DiskControl::kFull, DiskControl::kQuota}) {
    ASSERT_TRUE(Add(1).ok());
    const std::int64_t before = Sum(1);
    nodes_.disk(1).SetSpace(space);
    EXPECT_TRUE(absl::IsResourceExhausted(Add(1).status()));
    EXPECT_TRUE(absl::IsResourceExhausted(Add(1).status()));
    nodes_.disk(1).SetSpace(DiskControl::kRoom);
    EXPECT_EQ(Sum(1), before);
  }
}

TEST_F(Processes, PowerFailuresTakeOnlyWhatWasNotSynced) {
  for (int round = 1; round <= 3; ++round) {
    ASSERT_TRUE(Add(1).ok());
    nodes_.disk(1).SetHanging(true);
    EXPECT_TRUE(absl::IsDeadlineExceeded(Add(1, kAWhile).status()))
        << "it answers when it is durable";
    EXPECT_GT(nodes_.LosePower({1}), 0u);
    nodes_.Start(1);
    EXPECT_EQ(Sum(1), round);
  }
  EXPECT_GT(nodes_.disk(1).syncs(), 3u);
}

TEST_F(Processes, WhatWasWrittenOutlivesAKill) {
  nodes_.disk(1).SetHanging(true);
  EXPECT_TRUE(absl::IsDeadlineExceeded(Add(1, kAWhile).status()));
  nodes_.Kill(1);
  nodes_.disk(1).SetHanging(false);
  nodes_.Start(1);
  EXPECT_EQ(Sum(1), 1);
}

}  // namespace
}  // namespace quorum::testing
