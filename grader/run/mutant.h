#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace quorum::run {

/// A known bug: the reference solution with one mistake, and what is to find it.
struct Mutant {
  std::string id;           ///< of the catalogue, for example "C01"
  std::string description;  ///< what differs in the code
  std::string scenario;     ///< the scenario that kills it, by its name within the lab
  std::string statement;    ///< and the rule that it is seen to break
};

/// The mutants in `folder`, in the order of their ids. A mutant is a patch whose first lines are
/// `# ID: what differs` and `# killed-by: Scenario statement`. NOT_FOUND: there is no such folder;
/// INVALID_ARGUMENT: a patch lacks these lines. Both are a sentence.
absl::StatusOr<std::vector<Mutant>> ReadMutants(const std::filesystem::path& folder);

}  // namespace quorum::run
