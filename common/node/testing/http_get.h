#pragma once

#include <string>

namespace quorum::testing {

/// What "http://ADDRESS/PATH" answers, with its header; empty if nobody does.
std::string HttpGet(const std::string& address, const std::string& path);

}  // namespace quorum::testing
