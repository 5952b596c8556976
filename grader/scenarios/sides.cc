#include "grader/scenarios/sides.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace quorum::grader {
namespace {

/// "Server 2 is", "Servers 2 and 3 are".
std::string Servers(const std::set<NodeId>& nodes, const char* one, const char* many) {
  std::string text = nodes.size() == 1 ? "server " : "servers ";
  std::size_t number = 0;
  for (const NodeId node : nodes) {
    if (number > 0) text += number + 1 == nodes.size() ? " and " : ", ";
    text += std::to_string(node);
    ++number;
  }
  return text + " " + (nodes.size() == 1 ? one : many);
}

}  // namespace

std::string Sides::Blame(NodeId node, bool by_itself) const {
  if (reference.empty()) return "";
  if (tested.contains(node)) {
    return fmt::format("The student's server {} broke it; {} the reference.", node,
                       Servers(reference, "runs", "run"));
  }
  const std::string students = Servers(tested, "is the student's", "are the student's");
  if (!reference.contains(node)) {
    return fmt::format("No single server is seen to break it; {}, the others run the reference.",
                       students);
  }
  return fmt::format(
      "It shows at server {}, which runs the reference{}; {}. Among its own kind the "
      "reference does not come to this: look at what it was sent.",
      node, by_itself ? " and stopped itself" : "", students);
}

}  // namespace quorum::grader
