#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace quorum::run {

/// Looks, without loading it, for what a module must not have: static data that it could change,
/// which would survive a crash of its node, and functions that reach around `Env`. Each finding is
/// a sentence or two that name the variable or function and what to use instead; no finding, no
/// objection. INVALID_ARGUMENT: the file is no module.
///
/// This is a hint that comes early, for students who mean well, and not a wall: what it overlooks,
/// the comparison of two runs shows.
absl::StatusOr<std::vector<std::string>> VetModule(const std::string& path);

}  // namespace quorum::run
