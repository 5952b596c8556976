// Sessions (section 2.8), as far as they are state. When one is to end is not decided here.
#include "common/env/not_written.h"
#include "labs/lab4_lock_service/lock_machine.h"

namespace quorum::lock_service {

Result LockMachine::CreateSession(const std::string& client, const CreateSessionCommand& command) {
  NotWritten("Begin a session, or find the one that this attempt has begun (the comment of "
             "CreateSessionRequest; handout 4A, step 4).");
}

Result LockMachine::EndSession(const std::string& client, std::uint64_t id) {
  NotWritten("End it, if it is this client's (handout 4B, step 3).");
}

Result LockMachine::ExpireSession(std::uint64_t id) {
  NotWritten("End it as one that has died (handout 4B, step 3).");
}

void LockMachine::End(Session& session, bool died) {
  NotWritten("All that it has goes in this one step: locks, handles, ephemeral nodes (the comment "
             "of ExpireSession; handout 4B, step 3).");
}

}  // namespace quorum::lock_service
