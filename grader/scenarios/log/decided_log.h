#pragma once

#include <string>
#include <string_view>

#include "common/log/state_machine.h"

namespace quorum::grader {

/// What an index of a log holds, in a form that tells what the log put there for itself from any
/// command.
std::string CommandValue(std::string_view command);
extern const char* const kNoOp;
/// For a reader.
std::string Show(const std::string& value);

/// What a replicated log has decided so far, as a god would know it: it follows from what left the
/// nodes and from what is on their disks, never from what a node says about itself.
class DecidedLog {
 public:
  virtual ~DecidedLog() = default;
  /// What was decided first at `index`; null: nothing yet.
  virtual const std::string* Decided(LogIndex index) const = 0;
  /// Everything up to here is decided.
  virtual LogIndex decided_up_to() const = 0;
};

}  // namespace quorum::grader
