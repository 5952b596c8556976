// What a module of these tests offers: its behaviour, and a node that shows it in a timer.
#include "common/env/module.h"

#include <string>

#include "grader/run/testing/behaviour.h"

namespace quorum::run::testing {
namespace {

class TestNode final : public Node {
 public:
  TestNode(Env& env, const NodeConfig& config)
      : timer_(env.After(Duration(1'000'000), [&env, seed = std::stoull(config.features(0))] {
          env.Log(std::to_string(Behave(seed)));
        })) {}

 private:
  Timer timer_;
};

std::unique_ptr<Node> MakeTestNode(Env& env, const NodeConfig& config) {
  return std::make_unique<TestNode>(env, config);
}

const Role kRoles[] = {
    {.name = "node", .node = MakeTestNode},
    {.name = "part", .part = reinterpret_cast<void (*)()>(Behave), .part_type = kBehaveType},
};

}  // namespace
}  // namespace quorum::run::testing

extern "C"
    __attribute__((visibility("default"))) constinit const quorum::ModuleTable quorum_module = {
        quorum::kAbiStamp, "testing", quorum::run::testing::kRoles};
