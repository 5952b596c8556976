#include "labs/lab4_lock_service/clock_bound.h"

#include "common/env/not_written.h"

namespace quorum::lock_service {
namespace {

// [solution]
constexpr std::int64_t kMillion = 1'000'000;

Duration Scaled(Duration length, std::int64_t by_ppm, std::int64_t round_up) {
  const auto scaled = static_cast<__int128>(length.count()) * by_ppm + round_up * (kMillion - 1);
  return Duration(static_cast<std::int64_t>(scaled / kMillion));
}
// [end]

}  // namespace

Duration ClockBound::ToOutlast(Duration real) const {
  // [solution: A clock that runs fast shows more than has passed (handout 4B, step 1).]
  return Scaled(real, kMillion + ppm_, /*round_up=*/1);
  // [end]
}

Duration ClockBound::Within(Duration real) const {
  // [solution: A clock that runs slow shows less than has passed (handout 4B, step 1).]
  return Scaled(real, kMillion - ppm_, /*round_up=*/0);
  // [end]
}

Duration ClockBound::AtLeast(Duration shown) const {
  // [solution: The clock may have run fast (handout 4B, step 1).]
  return Scaled(shown, kMillion - ppm_, /*round_up=*/0);
  // [end]
}

}  // namespace quorum::lock_service
