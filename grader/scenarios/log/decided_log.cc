#include "grader/scenarios/log/decided_log.h"

#include <fmt/format.h>

#include "absl/strings/escaping.h"
#include "common/log/register.pb.h"

namespace quorum::grader {

const char* const kNoOp = "no-op";

std::string CommandValue(std::string_view command) { return "=" + std::string(command); }

std::string Show(const std::string& value) {
  if (value == kNoOp || value.empty()) return value.empty() ? "nothing" : "a no-op";
  log::RegisterCommand command;
  const std::string bytes = value.substr(1);
  if (command.ParseFromString(bytes) && command.kind_case() != log::RegisterCommand::KIND_NOT_SET) {
    return command.has_append() ? fmt::format("append \"{}\"", absl::CEscape(command.append()))
                                : fmt::format("put \"{}\"", absl::CEscape(command.put()));
  }
  return fmt::format("\"{}\"", absl::CEscape(bytes));
}

}  // namespace quorum::grader
