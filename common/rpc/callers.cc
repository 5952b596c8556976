#include "common/rpc/callers.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/callers.pb.h"
#include "common/rpc/method_descriptor.h"

namespace quorum {

bool IsBetweenNodes(const std::string& path) {
  const google::protobuf::MethodDescriptor* method = FindMethod(path);
  return method != nullptr && method->options().GetExtension(between_nodes);
}

absl::Status MustBeNode(std::string_view caller, std::string_view path) {
  if (caller.empty() || caller.starts_with("node-")) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("Only nodes may call ", std::string(path),
                                                  ", and ", std::string(caller), " is none."));
}

}  // namespace quorum
