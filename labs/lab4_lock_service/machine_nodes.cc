// Nodes and handles (sections 2.2, 2.3 and 2.6).
#include "common/env/not_written.h"
#include "labs/lab4_lock_service/lock_machine.h"
#include "labs/lab4_lock_service/names.h"

namespace quorum::lock_service {

absl::Status LockMachine::CheckOpen(const OpenRequest& request) const {
  NotWritten("Refuse what makes no sense (the comment of OpenRequest; handout 4A, step 1).");
}

Result LockMachine::Open(Session& session, const OpenRequest& request) {
  NotWritten("Find the node, or create it, and open a handle on it (handout 4A, step 3).");
}

absl::StatusOr<NodeRecord*> LockMachine::CreateNode(const Session& session,
                                                    const OpenRequest& request) {
  NotWritten("Create it if its parent is there and a directory (handout 4A, step 3).");
}

std::uint64_t LockMachine::AddHandle(Session& session, const NodeRecord& node,
                                     const OpenRequest& request) {
  NotWritten("Give out a number that no handle has had, and remember what it stands for (handout "
             "4A, step 3).");
}

Result LockMachine::Close(Session& session, const CloseRequest& request) {
  NotWritten("Close the handle, also one whose node was deleted (handout 4A, step 3).");
}

void LockMachine::RemoveHandle(Session& session, std::uint64_t handle) {
  NotWritten("Forget the handle (handout 4A, step 3); an ephemeral node goes with the last one "
             "(section 2.3; 4B, step 3).");
}

void LockMachine::RemoveNode(const std::string& path) {
  NotWritten("Remove it, and tell who has it open, and who watches its parent (handout 4A, step 3; "
             "4D, step 1).");
}

Result LockMachine::SetContents(Session& session, const SetContentsRequest& request) {
  NotWritten(
      "Replace the contents, if the generation is the one that is asked for (handout 4A, step 3).");
}

Result LockMachine::Delete(Session& session, const DeleteRequest& request) {
  NotWritten("Delete the node, unless it has children or is locked (handout 4A, step 3).");
}

}  // namespace quorum::lock_service
