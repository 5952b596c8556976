#pragma once

#include <cstdint>

namespace quorum::run::testing {

/// What a module of these tests does: each one in a way in which a student's module might go wrong.
/// Runs with other seeds than `kBadSeed` must not suffer.
std::uint64_t Behave(std::uint64_t seed);

inline constexpr std::uint64_t kBadSeed = 3;

/// The module's role "part" is a function of this type, "node" a node that calls it in a timer.
using BehaveFunction = std::uint64_t (*)(std::uint64_t seed);
inline constexpr const char* kBehaveType = "BehaveFunction";

}  // namespace quorum::run::testing
