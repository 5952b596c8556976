#pragma once

#include <string>

namespace quorum::testing {

/// "127.0.0.1:PORT" with a port that is free now, and none that the system gives to whoever
/// connects.
std::string FreeAddress();

}  // namespace quorum::testing
