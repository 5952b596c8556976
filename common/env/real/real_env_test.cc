// The real Env over a network within the process: calls, deadlines, timers, life and death.

#include "common/env/real/real_env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/env/real/testing.h"
#include "common/node/testing/counter_node.h"

namespace quorum::testing {
namespace {

using namespace std::chrono_literals;

NodeHost::MakeNode MakeCounter(bool first_boot = true) {
  NodeConfig config;
  config.set_first_boot(first_boot);
  return [config](Env& env) { return std::make_unique<CounterNode>(env, config); };
}

EchoRequest Echo(const std::string& payload) {
  EchoRequest request;
  request.set_payload(payload);
  return request;
}

AddRequest Add(std::int64_t amount) {
  AddRequest request;
  request.set_amount(amount);
  return request;
}

WaitRequest Wait(Duration time) {
  WaitRequest request;
  request.set_milliseconds(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
  return request;
}

TEST(RealEnv, CarriesARequestItsCallerAndItsDeadline) {
  MemoryNetwork network;
  const auto server = StartHost(network, 1, MakeCounter());
  Client client(network, 2);
  const auto response = client.Call(1, kEcho, Echo("hello"), 30s);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->payload(), "hello");
  EXPECT_EQ(response->caller(), "node-2");
  EXPECT_GT(response->patience_ms(), 10'000);
  EXPECT_LE(response->patience_ms(), 30'000);
}

TEST(RealEnv, ANodeCanCallItself) {
  MemoryNetwork network;
  const auto server = StartHost(network, 1, MakeCounter());
  Client client(network, 2);
  AddAtRequest request;
  request.set_node(1);
  *request.mutable_request() = Add(5);
  request.set_timeout_ms(30'000);
  const auto response = client.Call(1, kAddAt, request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->sum(), 5);
}

TEST(RealEnv, ErrorsComeThroughUnchanged) {
  MemoryNetwork network;
  const auto server = StartHost(network, 1, MakeCounter());
  Client client(network, 2);
  for (int code = 1; code <= 16; ++code) {
    FailRequest request;
    request.set_code(code);
    request.set_message("as asked");
    const absl::Status status = client.Call(1, kFail, request).status();
    EXPECT_EQ(status.raw_code(), code);
    EXPECT_EQ(status.message(), "as asked");
  }
}

TEST(RealEnv, MethodsThatNobodyServesAreUnimplemented) {
  MemoryNetwork network;
  const auto server = StartHost(network, 1, MakeCounter());
  Client client(network, 2);
  EXPECT_TRUE(absl::IsUnimplemented(client.Call(1, kAbsent, Echo("")).status()));
}

TEST(RealEnv, NodesThatDoNotRunAreUnavailableAtOnce) {
  MemoryNetwork network;
  Client client(network, 2);
  EXPECT_TRUE(absl::IsUnavailable(client.Call(1, kEcho, Echo("")).status()));
  const auto server = StartHost(network, 1, MakeCounter());
  auto waiting = client.Begin(1, kWait, Wait(kPatience));
  ASSERT_TRUE(client.Call(1, kEcho, Echo("")).ok());  // so the one before has arrived too
  server->Stop();
  EXPECT_TRUE(absl::IsUnavailable(waiting.get().status()));
  EXPECT_TRUE(absl::IsUnavailable(client.Call(1, kEcho, Echo("")).status()));
}

TEST(RealEnv, ACallEndsAtItsDeadline) {
  MemoryNetwork network;
  const auto server = StartHost(network, 1, MakeCounter());
  Client client(network, 2);
  EXPECT_TRUE(absl::IsDeadlineExceeded(client.Call(1, kWait, Wait(kPatience), 20ms).status()));
  EXPECT_TRUE(absl::IsDeadlineExceeded(client.Call(1, kWait, Wait(kPatience), -1s).status()));
  EXPECT_TRUE(client.Call(1, kWait, Wait(20ms), Duration::max()).ok());
}

TEST(RealEnv, AResponderThatIsDroppedAnswersAborted) {
  MemoryNetwork network;
  const auto server = StartHost(network, 1, [](Env& env) {
    env.Serve(kEcho, [](const EchoRequest&, Responder<EchoResponse>) {});
    return std::make_unique<Node>();
  });
  Client client(network, 2);
  EXPECT_TRUE(absl::IsAborted(client.Call(1, kEcho, Echo("")).status()));
}

TEST(RealEnv, AHandlerMayReplaceItself) {
  MemoryNetwork network;
  const auto server = StartHost(network, 1, [](Env& env) {
    const auto answer = [](const std::string& payload, Responder<EchoResponse>& responder) {
      EchoResponse response;
      response.set_payload(payload);
      responder.Reply(response);
    };
    env.Serve(kEcho, [&env, answer](const EchoRequest&, Responder<EchoResponse> responder) {
      env.Serve(kEcho, [answer](const EchoRequest&, Responder<EchoResponse> second) {
        answer("second", second);
      });
      answer("first", responder);
    });
    return std::make_unique<Node>();
  });
  Client client(network, 2);
  EXPECT_EQ(client.Call(1, kEcho, Echo(""))->payload(), "first");
  EXPECT_EQ(client.Call(1, kEcho, Echo(""))->payload(), "second");
}

TEST(RealEnv, TimersFireInOrderUnlessDropped) {
  MemoryNetwork network;
  Client client(network, 1);
  std::vector<Timer> timers;
  std::vector<int> fired;
  std::promise<void> done;
  client.host().RunAndWait([&](Env& env, Node&) {
    const Time start = env.Now();
    timers.push_back(env.After(30ms, [&, start] {
      EXPECT_GE(env.Now() - start, 30ms);
      fired.push_back(3);
      done.set_value();
    }));
    timers.push_back(env.After(10ms, [&] {
      fired.push_back(1);
      timers[2].Cancel();
    }));
    timers.push_back(env.After(20ms, [&] { fired.push_back(2); }));
    timers.push_back(env.After(-5ms, [&] { fired.push_back(0); }));
    timers.push_back(env.After(Duration::max(), [&] { fired.push_back(4); }));
  });
  ASSERT_EQ(done.get_future().wait_for(kPatience), std::future_status::ready);
  client.host().RunAndWait([&](Env&, Node&) {
    EXPECT_THAT(fired, ::testing::ElementsAre(0, 1, 3));
    timers.clear();
  });
}

TEST(RealEnv, RandomNumbersDifferBetweenBoots) {
  MemoryNetwork network;
  std::uint64_t drawn[2];
  for (std::uint64_t& number : drawn) {
    Client client(network, 1);
    client.host().RunAndWait([&](Env& env, Node&) { number = env.Random(); });
  }
  EXPECT_NE(drawn[0], drawn[1]);
}

/// Calls without end, and notes when anything of it runs after it was destroyed.
class Caller : public Node {
 public:
  Caller(Env& env, std::atomic<bool>& alive) : env_(env), alive_(alive) {
    alive_ = true;
    for (NodeId peer = 1; peer <= 4; ++peer) CallOnce(peer % 3 + 1);
    Tick();
  }
  ~Caller() override { alive_ = false; }

 private:
  void CallOnce(NodeId peer) {
    env_.Call(peer, kAdd, Add(1), 5ms, [this, peer](const absl::StatusOr<AddResponse>&) {
      EXPECT_TRUE(alive_);
      CallOnce(peer);
    });
  }
  void Tick() {
    timer_ = env_.After(100us, [this] {
      EXPECT_TRUE(alive_);
      Tick();
    });
  }

  Env& env_;
  std::atomic<bool>& alive_;
  Timer timer_;
};

TEST(RealEnv, NothingRunsAfterItsNodeIsGone) {
  MemoryNetwork network;
  const auto first = StartHost(network, 1, MakeCounter());
  const auto second = StartHost(network, 2, MakeCounter());
  for (int boot = 0; boot < 50; ++boot) {
    std::atomic<bool> alive = false;
    const auto caller =
        StartHost(network, 3, [&alive](Env& env) { return std::make_unique<Caller>(env, alive); });
    std::this_thread::sleep_for(std::chrono::microseconds(100 * boot));
    caller->Stop();
    EXPECT_FALSE(alive);
  }
}

TEST(RealEnv, NodesMayStopWhileOthersCallThem) {
  MemoryNetwork network;
  std::atomic<bool> alive[2];
  const auto first =
      StartHost(network, 4, [&](Env& env) { return std::make_unique<Caller>(env, alive[0]); });
  const auto second =
      StartHost(network, 5, [&](Env& env) { return std::make_unique<Caller>(env, alive[1]); });
  for (int boot = 0; boot < 30; ++boot) {
    const auto server = StartHost(network, 1 + boot % 3, MakeCounter());
    Client client(network, 6);
    EXPECT_TRUE(client.Call(1 + boot % 3, kAdd, Add(1)).ok());
  }
}

}  // namespace
}  // namespace quorum::testing
