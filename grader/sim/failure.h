#pragma once

#include <cstdint>
#include <string>

#include "common/env/time.h"
#include "grader/sim/event_queue.h"

namespace quorum::sim {

/// Why a run has failed.
struct Failure {
  enum class Kind {
    kInvariant,   ///< an oracle saw a rule broken
    kCheck,       ///< a node's own check failed
    kNotWritten,  ///< a part of the skeleton was reached that the student has not written
    kException,   ///< an exception left a handler
    kBudget,      ///< a node does something without bound
  };
  Kind kind = Kind::kInvariant;
  std::string name = {};  ///< the invariant's short name, or "node.check", "node.exception", ...
  std::string sentence = {};  ///< what should hold, or what is wrong, in one sentence
  std::string source = {};    ///< the paper and section, or the file and line
  std::string detail = {};    ///< what was seen
  NodeId node = 0;            ///< 0: no node in particular
  std::string handler = {};   ///< what the node was doing
  SimTime at = 0;
};

}  // namespace quorum::sim
