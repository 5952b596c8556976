// Open handles that are cached (section 2.7): who opens a file again, and has it cached, needs not
// ask. Bonus.
#include <utility>

#include "labs/lab4_lock_service/client_asking.h"

namespace quorum::lock_service {

/// The user closes a handle: whether it is kept, and the cell not told. Not if closing has effects:
/// the handle has, or may yet get, the lock, or the node is ephemeral (bonus, step 3).
bool LockClient::KeepOpen(std::uint64_t handle) {
  // [solution]
  const auto open = handles_.find(handle);
  const OpenHandle& known = open->second;
  const bool may = known.keepable && !known.holds && known.asking == 0;
  if (may && kept_.size() < kKept && !kept_.contains(known.path)) {
    kept_[known.path] = {handle, known};
    handles_.erase(open);
    return true;
  }
  // [end]
  return false;
}

/// Answers with a handle that was kept, if it is of the very node that is there at this instant, as
/// the cache can tell. Otherwise it is of no more use, and closed (bonus, step 3).
bool LockClient::OpenAgain(const OpenRequest& request, Responder<OpenResponse>& responder) {
  // [solution]
  const auto found = kept_.find(request.path());
  if (found == kept_.end()) return false;
  const auto [handle, open] = found->second;
  const Stat* stat = CachedStatOf(open);
  if (stat == nullptr) {
    kept_.erase(found);
    CloseRequest close;
    close.set_handle(handle);
    Ask<CloseRequest, CloseResponse>(kClose, std::move(close), /*changes=*/true, [](auto) {});
    return false;
  }
  const bool same = request.write() == open.write && request.change_acl() == open.change_acl;
  if (!same || !request.events().empty() || request.create() == OpenRequest::MUST_CREATE) {
    return false;
  }
  OpenResponse response;
  response.set_handle(handle);
  *response.mutable_stat() = *stat;
  response.set_epoch(keeper_.epoch());
  handles_[handle] = open;
  kept_.erase(found);
  responder.Reply(response);
  return true;
  // [end]
  // [skeleton: return false;]
}

/// What is cached of the node of a handle, if that node is there at this instant; or null.
const Stat* LockClient::CachedStatOf(const OpenHandle& open) {
  // [solution]
  const ClientCache::Entry* cached = keeper_.valid() ? cache_.Find(open.path) : nullptr;
  if (cached == nullptr) return nullptr;
  const Stat* stat = nullptr;
  if (cached->contents) stat = &cached->contents->stat();
  if (cached->stat) stat = &cached->stat->stat();
  if (cached->children) stat = &cached->children->stat();
  if (stat != nullptr && stat->instance() == open.instance) return stat;
  // [end]
  return nullptr;
}

}  // namespace quorum::lock_service
