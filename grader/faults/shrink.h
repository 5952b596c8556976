#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "grader/faults/plan.pb.h"
#include "grader/faults/shrink_steps.h"

namespace quorum::faults {

/// One plan to be played while shrinking.
struct Trial {
  Plan plan = {};
  bool wants_drawn = false;  ///< the run is to tell what the rates have brought about
  std::uint64_t events = 0;  ///< a run that goes on for longer need not go on; 0: it must
};

/// What came of it.
struct TrialOutcome {
  std::string violated = {};  ///< the statement that the run broke; empty: none
  std::uint64_t events = 0;
  std::vector<MessageFault> drawn = {};
};

/// A plan that fails like the one that was given, made small.
struct Shrunk {
  Plan plan = {};
  int items_before = 0;  ///< faults, faults of single messages, and clients' operations
  int items_after = 0;
  int replays = 0;
  std::uint64_t events = 0;   ///< of all replays
  bool budget_spent = false;  ///< it might have become smaller still
};

/// Makes a failing plan smaller while it goes on failing: delta debugging (Zeller and Hildebrandt,
/// "Simplifying and isolating failure-inducing input", 2002). The network's rates become faults of
/// single messages; then faults, single messages and operations are taken out in ever smaller
/// pieces, and times are shortened, over and over until nothing more can go. Only a run that breaks
/// the same statement counts as failing.
///
/// The caller plays the plans where it likes: it asks for the `Next`, plays it, and `Tell`s what
/// came of it. The same answers bring the same questions.
class Shrinker {
 public:
  /// `plan` has everything drawn, and fails with `violated`. When the replays have had `budget`
  /// events in all, it is left as small as it is then.
  Shrinker(const Plan& plan, std::string violated, std::uint64_t budget);

  /// What is to be played next; null when nothing is left to try.
  const Trial* Next();
  void Tell(const TrialOutcome& outcome);

  const Shrunk& result() const { return result_; }

 private:
  enum class Stage { kAsItIs, kWithoutRates, kSmaller, kDone };

  void Finish();
  bool Propose();
  bool IsNew(const Plan& plan);

  const std::string violated_;
  const std::uint64_t budget_;
  Stage stage_ = Stage::kAsItIs;
  Trial trial_;
  std::vector<std::unique_ptr<ShrinkStep>> steps_ = AllShrinkSteps();
  std::size_t step_ = 0;
  bool begun_ = false;    ///< that step
  bool smaller_ = false;  ///< something has gone since the first step
  std::uint64_t first_events_ = 0;
  std::set<std::uint64_t> tried_;
  Shrunk result_;
};

/// The same in one go.
Shrunk Shrink(const Plan& plan, const std::string& violated, std::uint64_t budget,
              const std::function<TrialOutcome(const Trial&)>& play);

/// How many faults, messages with faults of their own, and operations a plan has.
int CountItems(const Plan& plan);

/// `plan` with its rates of loss, repetition and long delay replaced by what they brought about.
Plan WithoutRates(const Plan& plan, const std::vector<MessageFault>& drawn);

}  // namespace quorum::faults
