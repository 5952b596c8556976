#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "grader/scenarios/lock_service/lock_room.h"

namespace quorum::grader::locks {

/// What scenarios exist for.
inline constexpr char kJeopardy[] = "a client was in jeopardy and safe again";
inline constexpr char kExpired[] = "a session expired";

/// A user of a library who listens to what it tells, all the time.
class Listener {
 public:
  using Heard = std::function<void(const quorum::lock_service::Event&)>;

  /// Begins at once; `heard` is told of each event.
  Listener(LockRoom& room, NodeId client, Heard heard = nullptr);

  /// How many events of a kind it has heard.
  int count(quorum::lock_service::EventKind kind) const;

 private:
  void Listen(std::uint64_t after);

  LockRoom& room_;
  const NodeId client_;
  Heard heard_;
  std::map<int, int> counts_;  // by kind
};

}  // namespace quorum::grader::locks
