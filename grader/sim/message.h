#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/env/time.h"
#include "grader/sim/event_queue.h"

namespace quorum::sim {

/// The id of the `ordinal`-th response of a run, one that answers the request `request`. A request
/// that arrives twice may be answered twice, and the two answers are different messages.
constexpr std::uint64_t ResponseId(std::uint64_t request, std::uint64_t ordinal) {
  return ordinal << 48 | request;
}
/// The id of the request that the message `id` is, or answers.
constexpr std::uint64_t RequestOf(std::uint64_t id) { return id & ((std::uint64_t{1} << 48) - 1); }

/// A request or a response on its way. `call` numbers the call at its caller; `id` numbers the
/// message itself, and a duplicate has the id of its original.
struct Message {
  std::uint64_t id = 0;
  NodeId from = 0;
  NodeId to = 0;
  std::uint16_t method = 0;
  bool is_response = false;
  std::uint64_t call = 0;
  SimTime deadline = 0;  ///< when its caller stops waiting
  absl::Status status;   ///< of a response
  std::string payload;
};

}  // namespace quorum::sim
