#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace quorum::lock_service {

inline constexpr std::size_t kMostPathBytes = 1024;
inline constexpr std::size_t kMostComponentBytes = 255;
inline constexpr std::size_t kMostContentBytes = 262'144;

/// The root of a cell's tree.
inline std::string RootOf(const std::string& cell) { return "/ls/" + cell; }

/// Whether `path` is `root`, or a path below it that lock_service.proto allows: INVALID_ARGUMENT if
/// not.
absl::Status CheckPath(const std::string& path, const std::string& root);

/// "/ls/local/a" of "/ls/local/a/b".
std::string ParentOf(const std::string& path);
/// "b" of "/ls/local/a/b".
std::string LastOf(const std::string& path);

/// FNV-1a, 64 bits.
std::uint64_t ChecksumOf(std::string_view contents);

}  // namespace quorum::lock_service
