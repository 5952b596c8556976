// Open handles that are cached (section 2.7): who opens a file again, and has it cached, needs not
// ask. Bonus.
#include <utility>

#include "labs/lab4_lock_service/client_asking.h"

namespace quorum::lock_service {

/// The user closes a handle: whether it is kept, and the cell not told. Not if closing has effects:
/// the handle has, or may yet get, the lock, or the node is ephemeral (bonus, step 3).
bool LockClient::KeepOpen(std::uint64_t handle) {
  return false;
}

/// Answers with a handle that was kept, if it is of the very node that is there at this instant, as
/// the cache can tell. Otherwise it is of no more use, and closed (bonus, step 3).
bool LockClient::OpenAgain(const OpenRequest& request, Responder<OpenResponse>& responder) {
  return false;
}

/// What is cached of the node of a handle, if that node is there at this instant; or null.
const Stat* LockClient::CachedStatOf(const OpenHandle& open) {
  return nullptr;
}

}  // namespace quorum::lock_service
