#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "common/env/abi_stamp.h"
#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"

namespace quorum {

/// Makes a node of one role. The node may keep both references until it is destroyed.
using NodeFactory = std::unique_ptr<Node> (*)(Env& env, const NodeConfig& config);

/// One thing that a module offers, by name. A role is either a node, such as "cache.node", or a
/// part that a lab's header gives its own factory type, such as the ring of lab 1.
struct Role {
  const char* name;
  NodeFactory node = nullptr;       ///< set for nodes
  void (*part)() = nullptr;         ///< set for parts: a pointer to a function of `part_type`
  const char* part_type = nullptr;  ///< the name that the lab's header gives that function type
};

/// What an implementation of one lab exports: the symbol `quorum_module`, defined by the lab's
/// module.cc. A module is loaded by path, by the grader and by the real node program alike.
struct ModuleTable {
  const char* abi_stamp;        ///< `kAbiStamp` as the module was built with
  const char* lab;              ///< the lab's short name, for example "hash_ring"
  std::span<const Role> roles;  ///< in the order in which tools should list them
};

/// The name of the exported symbol, a `const ModuleTable`.
inline constexpr const char* kModuleSymbol = "quorum_module";

}  // namespace quorum
