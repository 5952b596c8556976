#pragma once

#include <memory>
#include <vector>

#include "grader/faults/plan.pb.h"

namespace quorum::faults {

/// One way to make a plan smaller, tried again and again.
class ShrinkStep {
 public:
  virtual ~ShrinkStep() = default;
  /// Begins anew.
  virtual void Begin() = 0;
  /// Makes of `plan`, which is the smallest so far, the next one to be tried. False: no more.
  virtual bool Propose(Plan& plan) = 0;
  /// Whether the last proposal still fails, and so is the smallest plan now.
  virtual void Hear(bool fails) = 0;
};

/// All ways, in the order in which they pay best: whatever makes runs short comes first.
std::vector<std::unique_ptr<ShrinkStep>> AllShrinkSteps();

}  // namespace quorum::faults
