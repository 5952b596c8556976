#include "labs/lab4_lock_service/clock_bound.h"

#include "common/env/not_written.h"

namespace quorum::lock_service {
namespace {

}  // namespace

Duration ClockBound::ToOutlast(Duration real) const {
  NotWritten("A clock that runs fast shows more than has passed (handout 4B, step 1).");
}

Duration ClockBound::Within(Duration real) const {
  NotWritten("A clock that runs slow shows less than has passed (handout 4B, step 1).");
}

Duration ClockBound::AtLeast(Duration shown) const {
  NotWritten("The clock may have run fast (handout 4B, step 1).");
}

}  // namespace quorum::lock_service
