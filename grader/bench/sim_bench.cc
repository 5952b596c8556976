// How many messages a second the simulated world delivers: five nodes that ask each other for ever.

#include <benchmark/benchmark.h>

#include <map>

#include "grader/check/invariant.h"
#include "grader/sim/world.h"
#include "labs/lab0_echo/echo.h"

namespace quorum {
namespace {

using namespace std::chrono_literals;

constexpr int kNodes = 5;
constexpr int kInFlight = 8;

/// Serves kEcho, and keeps some calls of its own in flight.
class StormNode final : public Node {
 public:
  StormNode(Env& env, const NodeConfig& config) : env_(env), self_(config.self()) {
    env_.Serve(echo::kEcho,
               [this](const echo::EchoRequest& request, Responder<echo::EchoResponse> responder) {
                 response_.set_text(request.text());
                 response_.set_execution(++executed_);
                 responder.Reply(response_);
               });
    request_.set_text("sixteen letters.");
    for (int call = 0; call < kInFlight; ++call) Ask();
  }

 private:
  void Ask() {
    request_.mutable_id()->set_client(self_);
    request_.mutable_id()->set_sequence(++asked_);
    const auto other = static_cast<NodeId>(1 + (self_ + env_.RandomBelow(kNodes - 1)) % kNodes);
    env_.Call(other, echo::kEcho, request_, 100ms,
              [this](absl::StatusOr<echo::EchoResponse> response) { Ask(); });
  }

  Env& env_;
  NodeId self_;
  std::uint64_t executed_ = 0;
  std::uint64_t asked_ = 0;
  echo::EchoRequest request_;
  echo::EchoResponse response_;
};

std::unique_ptr<Node> MakeStormNode(Env& env, const NodeConfig& config) {
  return std::make_unique<StormNode>(env, config);
}

constexpr grader::Statement kRising = {"storm.rising", "A node counts each request once.", ""};

/// The work of a typical invariant: it parses what it is interested in and keeps a little state.
class CountsRise final : public grader::Invariant {
 public:
  explicit CountsRise(sim::World& world) : Invariant(world, kRising) {}
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (!message.is_response || !message.status.ok()) return;
    response_.ParseFromString(message.payload);
    std::uint64_t& last = last_[message.from];
    if (response_.execution() <= last) Violated("A count has not risen.", message.from);
    last = response_.execution();
  }

 private:
  std::map<NodeId, std::uint64_t> last_;
  echo::EchoResponse response_;
};

void Storm(benchmark::State& state) {
  const bool keep_trace = state.range(0) != 0;
  std::uint64_t delivered = 0;
  std::uint64_t seed = 0;
  for (auto _ : state) {
    sim::World world({.seed = ++seed, .keep_trace = keep_trace, .budget = {}});
    CountsRise invariant(world);
    world.Watch(invariant);
    faults::Network network;
    network.set_min_delay_ns(500'000);
    network.set_max_delay_ns(1'500'000);
    world.network().SetConditions(network);
    for (NodeId id = 1; id <= kNodes; ++id) {
      NodeConfig config;
      config.set_self(id);
      world.AddMachine("node", MakeStormNode, config);
    }
    for (NodeId id = 1; id <= kNodes; ++id) world.Boot(id);
    world.RunFor(10'000'000'000);
    delivered += world.delivered();
  }
  state.counters["messages"] =
      benchmark::Counter(static_cast<double>(delivered), benchmark::Counter::kIsRate);
}
BENCHMARK(Storm)->ArgName("trace")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace quorum

BENCHMARK_MAIN();
