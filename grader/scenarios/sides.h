#pragma once

#include <set>
#include <string>

#include "common/env/time.h"

namespace quorum::grader {

/// Whose node is whose, in a world in which nodes of the implementation under test play among nodes
/// of the reference. Without any of these, as in most worlds, there is nothing to tell.
struct Sides {
  std::set<NodeId> tested = {};
  std::set<NodeId> reference = {};

  /// Whose node broke the rule, in a sentence or two, when the rule's own evidence points at `node`
  /// (0: at none). `by_itself`: it ended in a check or an exception of its own.
  std::string Blame(NodeId node, bool by_itself) const;
};

}  // namespace quorum::grader
