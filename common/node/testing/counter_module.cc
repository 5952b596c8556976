// The counter as a module, as a lab has it.

#include "common/env/module.h"
#include "common/node/testing/counter_node.h"

namespace {

std::unique_ptr<quorum::Node> MakeCounter(quorum::Env& env, const quorum::NodeConfig& config) {
  return std::make_unique<quorum::testing::CounterNode>(env, config);
}

constexpr quorum::Role kRoles[] = {{.name = "counter.node", .node = MakeCounter},
                                   {.name = "counter.twin", .node = MakeCounter}};

}  // namespace

extern "C" __attribute__((visibility("default"))) const quorum::ModuleTable quorum_module = {
    .abi_stamp = quorum::kAbiStamp, .lab = "counter", .roles = kRoles};
