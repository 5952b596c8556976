#pragma once

#include <string_view>

namespace quorum::grader {

/// The message that `bytes` are; what cannot be read of it stays at its defaults.
template <class Message>
Message Parse(std::string_view bytes) {
  Message message;
  message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return message;
}

}  // namespace quorum::grader
