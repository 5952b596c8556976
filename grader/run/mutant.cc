#include "grader/run/mutant.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace quorum::run {
namespace {

namespace fs = std::filesystem;

/// What follows `prefix` in the first line of `lines` that begins with it, and the lines after that
/// which go on with "#   ".
std::string After(const std::vector<std::string>& lines, const std::string& prefix) {
  std::string found;
  for (const std::string& line : lines) {
    if (line.starts_with(prefix)) {
      found = line.substr(prefix.size());
    } else if (!found.empty()) {
      if (!line.starts_with("#  ")) break;
      found += " " + line.substr(line.find_first_not_of("# "));
    }
  }
  const std::size_t begin = found.find_first_not_of(' ');
  return begin == found.npos ? "" : found.substr(begin);
}

absl::StatusOr<Mutant> ReadMutant(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::string> comments;
  for (std::string line; std::getline(in, line) && line.starts_with("#");) comments.push_back(line);
  Mutant mutant{.id = path.stem().string(), .description = {}, .scenario = {}, .statement = {}};
  mutant.description = After(comments, absl::StrCat("# ", mutant.id, ":"));
  std::istringstream killed_by(After(comments, "# killed-by:"));
  killed_by >> mutant.scenario >> mutant.statement;
  if (mutant.description.empty() || mutant.statement.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path.string(), " does not begin with the lines \"# ", mutant.id,
        ": what differs\" and \"# killed-by: Scenario statement\", which say what it is for."));
  }
  return mutant;
}

}  // namespace

absl::StatusOr<std::vector<Mutant>> ReadMutants(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> patches;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".patch") patches.push_back(entry.path());
  }
  if (error) return absl::NotFoundError(absl::StrCat("There is no folder ", folder.string(), "."));
  std::sort(patches.begin(), patches.end());
  std::vector<Mutant> mutants;
  for (const fs::path& path : patches) {
    absl::StatusOr<Mutant> mutant = ReadMutant(path);
    if (!mutant.ok()) return mutant.status();
    mutants.push_back(*std::move(mutant));
  }
  return mutants;
}

}  // namespace quorum::run
