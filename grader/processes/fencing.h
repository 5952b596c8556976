#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quorum::grader {

/// One acquisition of one exclusive lock, as its client saw it. Instants are of one clock.
struct Acquisition {
  int client = 0;
  std::uint64_t generation = 0;
  std::int64_t asked = 0;     ///< when the client first asked for it
  std::int64_t answered = 0;  ///< when it was told that it had it
};

/// What is wrong with the fencing tokens of these acquisitions, in sentences: two holders with the
/// same one, or a later holder with a smaller one, whom a resource would refuse.
std::vector<std::string> CheckFencing(std::vector<Acquisition> acquisitions);

}  // namespace quorum::grader
