#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace quorum::sim {

/// Why a node's code runs.
enum class HandlerKind : std::uint8_t {
  kBoot,
  kTimer,
  kRequest,
  kResponse,
  kTimeout,
  kOperation,
  kDestroy,
};
inline constexpr std::size_t kHandlerKinds = 7;

/// What a reader calls such a handler of the method at `path`, for example "a request of /a.B/C".
/// The text lives as long as the process, so that a watcher of a crash can still name it.
const char* HandlerName(HandlerKind kind, std::string_view path);

}  // namespace quorum::sim
