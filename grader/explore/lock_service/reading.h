#pragma once

#include <optional>
#include <string_view>

#include "grader/explore/lock_service/small_cell.h"
#include "grader/explore/rule.h"

namespace quorum::explore::locks {

template <class Message>
Message Parse(std::string_view bytes) {
  Message message;
  message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return message;
}

/// What a server's host has said; nothing: something else was seen.
inline std::optional<Said> SaidIn(const Sight& sight) {
  if (sight.kind != Sight::Kind::kSaid) return std::nullopt;
  return Parse<Said>(sight.payload);
}

/// Whether a server has answered a request of `method`, with an error or without.
template <class Request, class Response>
bool IsAnswer(const Sight& sight, const Method<Request, Response>& method) {
  return sight.kind == Sight::Kind::kSent && sight.is_response && sight.path == method.path;
}

}  // namespace quorum::explore::locks
