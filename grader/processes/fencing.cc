#include "grader/processes/fencing.h"

#include <algorithm>
#include <map>

namespace quorum::grader {
namespace {

std::string Describe(const Acquisition& one) {
  return "client " + std::to_string(one.client) + " with generation " +
         std::to_string(one.generation);
}

}  // namespace

std::vector<std::string> CheckFencing(std::vector<Acquisition> acquisitions) {
  std::vector<std::string> wrong;
  std::ranges::sort(acquisitions, {}, &Acquisition::generation);
  for (std::size_t i = 1; i < acquisitions.size(); ++i) {
    if (acquisitions[i - 1].generation == acquisitions[i].generation) {
      wrong.push_back("Two held the lock at once: " + Describe(acquisitions[i - 1]) + ", and " +
                      Describe(acquisitions[i]) + ".");
    }
  }
  // Of those with smaller generations, whoever asked last must have asked before this one's answer.
  const Acquisition* last_asked = nullptr;
  for (const Acquisition& one : acquisitions) {
    if (last_asked != nullptr && last_asked->asked > one.answered &&
        last_asked->generation < one.generation) {
      wrong.push_back("A resource would refuse " + Describe(*last_asked) +
                      ", who asked after the answer to " + Describe(one) + ".");
    }
    if (last_asked == nullptr || one.asked > last_asked->asked) last_asked = &one;
  }
  return wrong;
}

}  // namespace quorum::grader
