#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/env/module.h"
#include "common/env/node_config.pb.h"
#include "common/env/time.h"
#include "grader/explore/rule.h"

namespace quorum::explore {

/// Makes nodes of a part that the implementation offers, such as a log.
struct Host {
  const char* part_type = "";                       ///< as `Role` has it
  NodeFactory (*around)(void (*part)()) = nullptr;  ///< null: the role is a node itself
};

/// One node of a small world.
struct NodeSpec {
  NodeId id = 0;
  std::string role = {};   ///< of the world's lab
  Host host = {};          ///< if the role is a part: the grader's node around it
  NodeConfig config = {};  ///< `first_boot` is filled in as the node's disk says
  /// Instead of a role: a node of the grader's own. Nothing goes wrong with it.
  NodeFactory given = nullptr;
};

/// An operation that a client asks of a node. It may begin at any time, and at most once.
struct Operation {
  NodeId node = 0;
  std::string path = {};     ///< of an rpc that the node serves
  std::string request = {};  ///< serialised
};

/// How often something may go wrong on one path. A message that takes for ever needs no budget:
/// every state is judged, so also those in which it is still on its way.
struct Budgets {
  std::uint8_t duplicates = 0;  ///< requests that are delivered once more
  std::uint8_t lost_calls = 0;  ///< calls that end in DEADLINE_EXCEEDED, next due first
  std::uint8_t timers = 0;   ///< timers that fire, at each node in the order in which they are due
  std::uint8_t crashes = 0;  ///< crashes, also inside handlers, each followed by a restart

  friend bool operator==(const Budgets&, const Budgets&) = default;
};

/// A step on the way to the state where exploration begins: which of the things that are possible
/// is made to happen. What is left empty matches everything.
struct Direction {
  enum class Kind { kMessage, kLoss, kTimer, kCrash };
  Kind kind = Kind::kMessage;
  /// Of a message that arrives or is lost, where a client's operation comes from node 0. Of a
  /// timer: timers of the node fire until one sends such a request.
  std::string path = {};
  std::vector<NodeId> from = {};
  std::vector<NodeId> to = {};  ///< or the nodes at which it happens
  /// False: the first such thing happens, and it must be possible. True: as long as there are such
  /// things, they happen, oldest first; there may be none.
  bool all = false;
};

/// A small world, and what must hold in all of its states. What happens on the way that
/// `directions` describe costs no budget.
struct WorldSpec {
  const char* lab = "";
  const char* name = "";   ///< in CamelCase, unique within the lab
  const char* story = "";  ///< two or three sentences
  std::vector<NodeSpec> nodes = {};
  std::vector<Operation> operations = {};
  std::vector<std::string> off = {};  ///< paths of methods whose messages never arrive
  Budgets budgets = {};
  std::vector<Direction> directions = {};
  std::vector<std::shared_ptr<Rule>> rules = {};
  /// What hosts say by `Env::Log`, for readers; null: as it is.
  std::string (*tell_said)(std::string_view said) = nullptr;
  std::uint64_t states = 3'000'000;  ///< where breadth-first exploration stops, unless told
  std::uint64_t walks = 20'000;      ///< how many random walks come first
};

}  // namespace quorum::explore
