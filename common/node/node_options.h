#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/env/node_config.pb.h"
#include "common/env/time.h"

namespace quorum {

/// What `quorum_node` is told on its command line.
struct NodeOptions {
  std::string module;                       ///< the file to load
  std::string role;                         ///< the one of its roles to run
  std::string log_module;                   ///< the file whose log the role stands on, if on any
  NodeId node = 0;                          ///< this node
  std::map<NodeId, std::string> addresses;  ///< where every node listens, this one included
  std::string data;                         ///< the folder of this node's data
  std::string config;            ///< a NodeConfig in JSON; "self" and "firstBoot" are not used
  std::string tls;               ///< the folder of its certificate; empty: plain text on loopback
  int metrics_port = -1;         ///< where it can be measured; 0: any free port; -1: nowhere
  bool die_with_parent = false;  ///< end when the process that started this one does
};

/// Reads the command line. Prints help or what is wrong and returns nothing, with `exit_code` set,
/// when there is nothing to run.
std::optional<NodeOptions> ParseNodeOptions(int argc, char** argv, int& exit_code);

}  // namespace quorum
