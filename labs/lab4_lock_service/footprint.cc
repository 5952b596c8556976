// What a command may change of what clients cache: the paths whose contents, stat, children or
// absence may be other ones when it has been applied (section 2.7).
#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/names.h"
#include "labs/lab4_lock_service/server.h"

namespace quorum::lock_service {

std::vector<std::string> LockServer::FootprintOf(const Command& command) const {
  // Which paths that are, at least, whatever is applied before it (handout 4D, step 6).
  return {};
}

std::vector<std::string> LockServer::FootprintOfOpen(const OpenRequest& request) const {
  NotWritten("A node may be created: it is no longer absent, and its parent has another child "
             "(handout 4D, step 6).");
}

std::vector<std::string> LockServer::FootprintOfHandle(std::uint64_t session_id,
                                                       std::uint64_t handle,
                                                       bool may_remove) const {
  NotWritten("The node's own path, and its parent's if the node may go (handout 4D, step 6).");
}

std::vector<std::string> LockServer::FootprintOfClose(const CloseRequest& request) const {
  NotWritten("Most handles are closed without a trace: unless the node may go, or its lock pass on "
             "(handout 4D, step 6).");
}

std::vector<std::string> LockServer::FootprintOfSession(std::uint64_t session_id) const {
  NotWritten("Whatever it has open may be unlocked, or removed (handout 4D, step 6).");
}

}  // namespace quorum::lock_service
