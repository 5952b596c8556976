#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "grader/scenarios/lock_service/cell.h"

/// What is wrong with a state of a cell, or with what one command has made of it, in a sentence;
/// nothing: it is right. Rules of simulated and of explored worlds say the same.
namespace quorum::grader::locks {

/// kMutualExclusion.
std::optional<std::string> HeldByTooMany(const State& state);

/// kFencing. `highest` is the largest generation before, and is brought up to date.
std::optional<std::string> GenerationNotRisen(const State& before, const State& after,
                                              std::uint64_t& highest);

/// kDead.
std::optional<std::string> OwnedByTheDead(const State& state);

/// kLosesNothing.
std::optional<std::string> LostByTheLiving(const State& before,
                                           const quorum::lock_service::Command& command,
                                           const State& after);

/// kOnce. `executed` are the sessions and numbers of operations that were executed before, and is
/// brought up to date.
std::optional<std::string> NotOnce(const State& before,
                                   const quorum::lock_service::Command& command, const State& after,
                                   std::set<std::pair<std::uint64_t, std::uint64_t>>& executed);

}  // namespace quorum::grader::locks
