#pragma once

#include <rocksdb/options.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace quorum {

/// Reads the whole database at `path` without changing a file (recovery proper would throw away
/// what it cannot use), and says in a few words what is wrong with it: a checksum, a missing file,
/// or a change numbered up to `synced` that can be found neither in a table file nor in the log.
absl::Status InspectDatabase(const rocksdb::Options& options, const std::string& path,
                             std::uint64_t synced);

}  // namespace quorum
