#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/transport.h"

namespace quorum {

/// Sends a request and waits for its answer: for programs that talk to nodes and are none.
absl::StatusOr<std::string> CallAndWait(Transport& transport, NodeId peer, const std::string& path,
                                        std::string bytes, Duration timeout);

}  // namespace quorum
