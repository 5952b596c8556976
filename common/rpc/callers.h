#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace quorum {

/// Whether the linked .proto of the method `path` says that only nodes may call it
/// (`option (between_nodes)`, common/rpc/callers.proto).
bool IsBetweenNodes(const std::string& path);

/// OK if `caller`, an authenticated name, is a node's; PERMISSION_DENIED otherwise. Where nobody is
/// authenticated (plain text) the name is empty, and everybody passes for a node.
absl::Status MustBeNode(std::string_view caller, std::string_view path);

}  // namespace quorum
