#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "grader/sim/world.h"
#include "labs/lab0_echo/echo.h"

namespace quorum::sim {

inline constexpr SimTime kMillisecond = 1'000'000;

/// A node whose behaviour the test writes in place: `script` runs in its constructor, and may keep
/// timers in `timers`.
struct ScriptedNode final : Node {
  std::vector<Timer> timers;
  std::vector<Responder<echo::EchoResponse>> responders;
};

/// A world with scripted nodes in it.
class TestRoom : public ::testing::Test {
 protected:
  using Script = std::function<void(Env&, const NodeConfig&, ScriptedNode&)>;

  void SetUp() override { scripts().clear(); }

  World& MakeWorld(std::uint64_t seed = 1, Budget budget = {}) {
    world_ =
        std::make_unique<World>(WorldOptions{.seed = seed, .keep_trace = true, .budget = budget});
    faults::Network network;
    network.set_min_delay_ns(1'000'000);
    network.set_max_delay_ns(1'000'000);
    world_->network().SetConditions(network);
    return *world_;
  }
  World& world() { return *world_; }

  void AddNode(NodeId id, Script script) {
    scripts()[id] = std::move(script);
    NodeConfig config;
    config.set_self(id);
    world_->AddMachine("node-" + std::to_string(id), &MakeScripted, config);
    world_->Boot(id);
  }
  /// A node that answers each request with its own text and the number of its boot's requests.
  void AddEchoing(NodeId id) {
    AddNode(id, [](Env& env, const NodeConfig&, ScriptedNode&) {
      env.Serve(echo::kEcho, [count = std::uint64_t{0}](const echo::EchoRequest& request,
                                                        auto responder) mutable {
        echo::EchoResponse response;
        response.set_text(request.text());
        response.set_execution(++count);
        responder.Reply(response);
      });
    });
  }

  /// The kinds of the records about `node`, in order.
  int Count(TraceKind kind, NodeId node = 0) const {
    int count = 0;
    for (const TraceRecord& record : world_->trace().records()) {
      if (record.kind == kind && (node == 0 || record.node == node)) ++count;
    }
    return count;
  }

  static echo::EchoRequest Request(std::string text) {
    echo::EchoRequest request;
    request.set_text(std::move(text));
    return request;
  }

 private:
  static std::map<NodeId, Script>& scripts() {
    static std::map<NodeId, Script> scripts;
    return scripts;
  }
  static std::unique_ptr<Node> MakeScripted(Env& env, const NodeConfig& config) {
    auto node = std::make_unique<ScriptedNode>();
    scripts()[config.self()](env, config, *node);
    return node;
  }

  std::unique_ptr<World> world_;
};

}  // namespace quorum::sim
