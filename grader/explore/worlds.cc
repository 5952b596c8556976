#include "grader/explore/worlds.h"

#include "absl/strings/str_cat.h"
#include "grader/explore/paxos/worlds.h"

namespace quorum::explore {

const std::vector<WorldSpec>& AllWorlds() {
  static const std::vector<WorldSpec> worlds = paxos::Worlds();
  return worlds;
}

absl::StatusOr<std::vector<NodeFactory>> FactoriesFor(const WorldSpec& spec,
                                                      const ModuleTable& module) {
  std::vector<NodeFactory> factories;
  for (const NodeSpec& node : spec.nodes) {
    NodeFactory factory = nullptr;
    for (const Role& role : module.roles) {
      if (node.role == role.name) factory = role.node;
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
