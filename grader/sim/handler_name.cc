#include "grader/sim/handler_name.h"

#include <map>
#include <string>
#include <utility>

namespace quorum::sim {
namespace {

const char* Prefix(HandlerKind kind) {
  switch (kind) {
    case HandlerKind::kBoot:
      return "its constructor";
    case HandlerKind::kTimer:
      return "a timer";
    case HandlerKind::kRequest:
      return "a request of";
    case HandlerKind::kResponse:
      return "the response to a call of";
    case HandlerKind::kTimeout:
      return "the timeout of a call of";
    case HandlerKind::kOperation:
      return "a client's operation";
    case HandlerKind::kDestroy:
      return "its destructor";
  }
  return "";
}

}  // namespace

const char* HandlerName(HandlerKind kind, std::string_view path) {
  static std::map<std::pair<HandlerKind, std::string>, std::string> names;
  std::string& name = names[{kind, std::string(path)}];
  if (name.empty()) {
    name = Prefix(kind);
    if (!path.empty()) name.append(" ").append(path);
  }
  return name.c_str();
}

}  // namespace quorum::sim
