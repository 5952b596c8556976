#pragma once

#include <cstdint>

namespace quorum::sim {

/// Scrambles 64 bits so that every input bit moves every output bit (the finaliser of SplitMix64).
constexpr std::uint64_t Mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Folds `next` into a running hash.
constexpr std::uint64_t Combine(std::uint64_t hash, std::uint64_t next) {
  return Mix(hash * 0x9e3779b97f4a7c15u + next + 0x632be59bd9b4e019u);
}

/// A stream of random numbers: integers only, so that a seed means the same on every machine
/// (standard distributions differ between libraries). SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
class Rng {
 public:
  /// Streams with different names of the same seed have nothing to do with each other.
  explicit Rng(std::uint64_t seed, std::uint64_t stream = 0) : state_(Combine(Mix(seed), stream)) {}

  std::uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15u); }

  /// Even over [0, bound), bound > 0. The bias of the multiplication is below 2^-32 for the small
  /// bounds used here, and the same everywhere.
  std::uint64_t Below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
  }
  /// Even over [low, high].
  std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(Below(static_cast<std::uint64_t>(high - low) + 1));
  }
  /// True `ppm` times in a million.
  bool Chance(std::uint32_t ppm) { return Below(1'000'000) < ppm; }

 private:
  std::uint64_t state_;
};

}  // namespace quorum::sim
