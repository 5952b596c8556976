#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/env/real/node_host.h"
#include "common/node/node_options.h"

namespace quorum {

/// Puts a node of this process together and boots it: module, data folder, database, gRPC. Every
/// error is a sentence for the person who started it. What goes wrong later, a disk that fails or a
/// check that does not hold, is printed in a sentence too and ends the process with exit code 1.
absl::StatusOr<std::unique_ptr<NodeHost>> StartNode(const NodeOptions& options);

/// Writes a line to standard error, with the time and the node's number.
void PrintLogLine(NodeId node, std::string_view line);

}  // namespace quorum
