#pragma once

#include <string>

#include "grader/scenarios/kv/facts.h"

/// What rules say of messages, for a reader.
namespace quorum::grader::kv {

/// For example: append "1.3;" to "key2".
std::string Show(const WriteRequest& request);
/// For example: write 3 of session 7.
std::string Show(const Number& number);
/// For example: executed, 12 bytes.
std::string Show(const WriteResponse& response);

}  // namespace quorum::grader::kv
