#pragma once

#include <string>
#include <vector>

namespace quorum::run {

/// Whether this program itself is built with AddressSanitizer: its modules then are, too.
bool IsSanitized();

/// Adds to the environment of a worker what a module built with sanitizers needs in a program that
/// is built without them.
void AddSanitizerVariables(std::vector<std::string>& variables);

}  // namespace quorum::run
