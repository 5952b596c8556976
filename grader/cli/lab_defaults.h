#pragma once

#include <string>

#include "common/env/node_config.pb.h"
#include "common/env/time.h"

namespace quorum::cli {

/// How `quorum cluster` sets up the nodes of one lab unless it is told otherwise.
struct LabDefaults {
  const char* lab;  ///< the lab's short name
  /// The role of `node` in a cluster of `nodes`, which are numbered from 1. Null: the only node
  /// role that the module has.
  std::string (*role)(NodeId node, int nodes) = nullptr;
  /// The lab whose log its nodes stand on, for roles that stand on one. Null: it has no such role.
  const char* log = nullptr;
  /// Its nodes speak TLS unless plain text is asked for.
  bool encrypted = false;
  /// The method that takes a node into the running cluster which was none of `peers`. Null: none
  /// can join later.
  const char* takes_in = nullptr;
  /// Completes the configuration of a node: `self` and `peers` are set. Null: nothing to add.
  void (*configure)(NodeConfig& config) = nullptr;
};

/// The defaults of `lab`; without a role and a configuration for a lab that declares none.
LabDefaults DefaultsOf(const std::string& lab);

}  // namespace quorum::cli
