#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/env/time.h"

namespace quorum::cli {

/// One node of a running cluster.
struct ClusterNode {
  NodeId id = 0;
  std::string role;
  std::string address;               ///< "HOST:PORT"
  std::string log;                   ///< the file that it logs to
  std::vector<std::string> command;  ///< what starts it
};

/// What `quorum cluster` notes for `quorum call`, as JSON.
struct ClusterFile {
  std::string lab;
  std::vector<ClusterNode> nodes;
  std::string tls = {};  ///< the folder of its certificates; empty: it speaks plain text
};

absl::Status WriteClusterFile(const std::filesystem::path& path, const ClusterFile& cluster);
/// An error is a sentence that says how to get such a file.
absl::StatusOr<ClusterFile> ReadClusterFile(const std::filesystem::path& path);

}  // namespace quorum::cli
