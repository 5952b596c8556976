#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "absl/status/status.h"

namespace quorum::cli {

/// Says what is wrong with what the user gave; returns the exit code for that.
inline int BadInput(const absl::Status& status) {
  fmt::print(stderr, "quorum: {}\n", std::string(status.message()));
  return 2;
}

}  // namespace quorum::cli
