#pragma once

#include <string>

namespace quorum::testing {

/// What whoever listens at `address` answers to these bytes until it closes the connection or is
/// silent for five seconds; empty if nobody does.
std::string AskOverTcp(const std::string& address, const std::string& request);

/// What "http://ADDRESS/PATH" answers, with its header; empty if nobody does.
std::string HttpGet(const std::string& address, const std::string& path);

}  // namespace quorum::testing
