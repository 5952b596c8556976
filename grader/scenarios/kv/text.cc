#include "grader/scenarios/kv/text.h"

#include <fmt/format.h>

namespace quorum::grader::kv {

std::string Show(const WriteRequest& request) {
  switch (request.kind_case()) {
    case WriteRequest::kPut:
      return fmt::format("put \"{}\" into \"{}\"", request.put(), request.key());
    case WriteRequest::kAppend:
      return fmt::format("append \"{}\" to \"{}\"", request.append(), request.key());
    case WriteRequest::kDelete:
      return fmt::format("delete \"{}\"", request.key());
    case WriteRequest::kCas:
      return fmt::format(
          "replace {} by \"{}\" in \"{}\"",
          request.cas().has_expected() ? '"' + request.cas().expected() + '"' : "nothing",
          request.cas().value(), request.key());
    case WriteRequest::KIND_NOT_SET:
      break;
  }
  return "do nothing";
}

std::string Show(const Number& number) {
  return fmt::format("write {} of session {}", number.second, number.first);
}

std::string Show(const WriteResponse& response) {
  if (response.outcome() != quorum::kv::EXECUTED) return Outcome_Name(response.outcome());
  return fmt::format("EXECUTED, done: {}, {} bytes", response.done() ? "yes" : "no",
                     response.size());
}

}  // namespace quorum::grader::kv
