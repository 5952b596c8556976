#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/log/state_machine.h"
#include "grader/explore/world_spec.h"

namespace quorum::explore::raft {

/// The given register around an implementation's log. It says by `Env::Log` what is applied to it,
/// as `Application` has it, so that rules hear that at first hand.
Host RegisterHost();

/// That a command was applied.
struct Application {
  LogIndex index = 0;
  std::string command = {};
};
std::string TextOf(const Application& application);
/// Nothing: `text` says something else.
std::optional<Application> ApplicationIn(std::string_view text);

}  // namespace quorum::explore::raft
