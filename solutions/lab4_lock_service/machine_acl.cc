// Access control (section 2.3; bonus): who is asked for is the caller's authenticated name.
#include <algorithm>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/lock_machine.h"

namespace quorum::lock_service {

bool LockMachine::Permits(const google::protobuf::RepeatedPtrField<std::string>& names,
                          const std::string& client) {
  // Whether `client` is among them, or everyone is (bonus).
  // [solution]
  return names.empty() || std::find(names.begin(), names.end(), client) != names.end();
  // [end]
  // [skeleton: return true;]
}

absl::Status LockMachine::CheckAccess(const NodeRecord& node, const std::string& client,
                                      const OpenRequest& request) {
  // Whether it may be opened like this; a handle says so ever after, as in section 2.2 (bonus).
  // [solution]
  if (!Permits(node.acl().readers(), client)) {
    return absl::PermissionDeniedError("You may not read this node.");
  }
  if (request.write() && !Permits(node.acl().writers(), client)) {
    return absl::PermissionDeniedError("You may not write this node.");
  }
  if (request.change_acl() && !Permits(node.acl().changers(), client)) {
    return absl::PermissionDeniedError("You may not change who may use this node.");
  }
  // [end]
  return absl::OkStatus();
}

Result LockMachine::SetAcl(Session& session, const SetAclRequest& request) {
  // [solution: Replace the names, if the handle is open for that (bonus).]
  const absl::StatusOr<Grip> grip = Take(session, request.handle(), /*to_write=*/false);
  if (!grip.ok()) return ResultOf(grip.status());
  if (!grip->handle->change_acl()) {
    return ResultOf(absl::PermissionDeniedError("The handle is not open for changing the ACL."));
  }
  *grip->node->mutable_acl() = request.acl();
  Stat& stat = *grip->node->mutable_stat();
  stat.set_acl_generation(stat.acl_generation() + 1);
  Result result;
  *result.mutable_set_acl()->mutable_stat() = tree_.StatOf(*grip->node);
  return result;
  // [end]
}

}  // namespace quorum::lock_service
