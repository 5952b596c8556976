#include "grader/explore/worlds.h"

#include "absl/strings/str_cat.h"
#include "grader/explore/lock_service/worlds.h"
#include "grader/explore/paxos/worlds.h"
#include "grader/explore/raft/worlds.h"

namespace quorum::explore {

const std::vector<WorldSpec>& AllWorlds() {
  static const std::vector<WorldSpec> worlds = [] {
    std::vector<WorldSpec> all = paxos::Worlds();
    for (WorldSpec& world : raft::Worlds()) all.push_back(std::move(world));
    for (WorldSpec& world : locks::Worlds()) all.push_back(std::move(world));
    return all;
  }();
  return worlds;
}

absl::StatusOr<std::vector<NodeFactory>> FactoriesFor(const WorldSpec& spec,
                                                      const ModuleTable& module) {
  std::vector<NodeFactory> factories;
  for (const NodeSpec& node : spec.nodes) {
    NodeFactory factory = node.given;
    for (const Role& role : module.roles) {
      if (node.role != role.name) continue;
      const bool hosted = node.host.around != nullptr && role.part != nullptr;
      factory = hosted ? node.host.around(role.part) : role.node;
    }
    if (factory == nullptr) {
      return absl::NotFoundError(absl::StrCat("The module of ", module.lab,
                                              " offers no nodes of the role ", node.role, "."));
    }
    factories.push_back(factory);
  }
  return factories;
}

}  // namespace quorum::explore
