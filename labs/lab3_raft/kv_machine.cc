// The state machine: what a command does to the keys, and when it must do nothing.
#include "labs/lab3_raft/kv_machine.h"

#include "common/env/check.h"
#include "common/env/not_written.h"

namespace quorum::kv {

std::string Machine::Apply(LogIndex index, std::string_view command) {
  NotWritten("Open a session, or write; return the response in bytes (handout 3G, step 1).");
}

WriteResponse Machine::Write(const WriteRequest& request, LogIndex index) {
  NotWritten("Execute the write, unless the session knows better (handout 3G, steps 1 and 2).");
}

WriteResponse Machine::Execute(const WriteRequest& request) {
  NotWritten(
      "Change the value as kv.proto says, and tell what has become of it (handout 3G, step 1).");
}

std::optional<std::string> Machine::Get(const std::string& key) const {
  NotWritten("Return the value of the key (handout 3G, step 1).");
}

std::string Machine::Snapshot() const {
  NotWritten("Return the whole state as the message Snapshot, in bytes (handout 3G, step 5).");
}

absl::Status Machine::Restore(LogIndex index, std::string_view snapshot) {
  NotWritten("Replace the whole state by that of the snapshot (handout 3G, step 5).");
}

}  // namespace quorum::kv
