#pragma once

#include <string>
#include <vector>

namespace quorum::run {

/// Whether this program itself is built with AddressSanitizer: its modules then are, too.
bool IsSanitized();

/// With this code a process ends that a sanitizer stops.
inline constexpr int kSanitizerExitCode = 99;

/// What is of interest in the output of such a process: its report, from its first line on.
std::string SanitizerReport(const std::string& output);

/// Adds to the environment of a worker what a module built with sanitizers needs, also in a program
/// that is built without them. If `reuse_memory`, what is freed is soon given out again: the heap's
/// layout can then be perturbed, at the price of some reports.
void AddSanitizerVariables(bool reuse_memory, std::vector<std::string>& variables);

}  // namespace quorum::run
