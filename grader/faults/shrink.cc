#include "grader/faults/shrink.h"

#include <xxhash.h>

#include <utility>

namespace quorum::faults {
namespace {

// A smaller plan that fails does so sooner, not later; one that runs for much longer passes.
constexpr std::uint64_t kLonger = 2;
constexpr std::uint64_t kLongerBy = 2'000;

bool HasRates(const Network& network) {
  return network.drop_ppm() > 0 || network.duplicate_ppm() > 0 || network.tail_ppm() > 0;
}

}  // namespace

int CountItems(const Plan& plan) {
  return plan.faults_size() + plan.message_faults_size() + plan.ops_size();
}

Plan WithoutRates(const Plan& plan, const std::vector<MessageFault>& drawn) {
  Plan explicit_plan = plan;
  Network& network = *explicit_plan.mutable_network();
  network.clear_drop_ppm();
  network.clear_duplicate_ppm();
  network.clear_tail_ppm();
  network.clear_tail_delay_ns();
  explicit_plan.mutable_message_faults()->Assign(drawn.begin(), drawn.end());
  return explicit_plan;
}

Shrinker::Shrinker(const Plan& plan, std::string violated, std::uint64_t budget)
    : violated_(std::move(violated)), budget_(budget) {
  result_.plan = plan;
  result_.items_before = result_.items_after = CountItems(plan);
  trial_ = {.plan = plan, .wants_drawn = true};
}

const Trial* Shrinker::Next() {
  if (stage_ == Stage::kSmaller) {
    result_.budget_spent = result_.events >= budget_;
    if (result_.budget_spent || !Propose()) Finish();
  }
  return stage_ == Stage::kDone ? nullptr : &trial_;
}

void Shrinker::Finish() {
  stage_ = Stage::kDone;
  Shrinking& shrinking = *result_.plan.mutable_shrinking();
  shrinking.set_items_before(static_cast<std::uint32_t>(result_.items_before));
  shrinking.set_budget_spent(result_.budget_spent);
}

void Shrinker::Tell(const TrialOutcome& outcome) {
  const bool fails = outcome.violated == violated_;
  ++result_.replays;
  result_.events += outcome.events;
  IsNew(trial_.plan);  // not any more
  if (fails) {
    result_.plan = trial_.plan;
    result_.items_after = CountItems(trial_.plan);
  }
  switch (stage_) {
    case Stage::kAsItIs:
      // A run that is not the same again cannot be judged by playing it again.
      stage_ = !fails ? Stage::kDone : Stage::kSmaller;
      first_events_ = outcome.events;
      if (fails && HasRates(trial_.plan.network())) {
        stage_ = Stage::kWithoutRates;
        trial_ = {.plan = WithoutRates(trial_.plan, outcome.drawn)};
        result_.items_before = CountItems(trial_.plan);
      }
      break;
    case Stage::kWithoutRates:
      stage_ = Stage::kSmaller;
      break;
    case Stage::kSmaller:
      smaller_ = smaller_ || fails;
      steps_[step_]->Hear(fails);
      break;
    case Stage::kDone:
      break;
  }
}

bool Shrinker::Propose() {
  // A run that is cut short breaks a rule of its own, and only that one could be taken for it.
  const bool may_cut = violated_ != "node.budget";
  while (true) {
    if (step_ == steps_.size()) {
      if (!std::exchange(smaller_, false)) return false;
      step_ = 0;
    }
    if (!std::exchange(begun_, true)) steps_[step_]->Begin();
    trial_ = {.plan = result_.plan, .events = may_cut ? kLonger * first_events_ + kLongerBy : 0};
    if (!steps_[step_]->Propose(trial_.plan)) {
      ++step_;
      begun_ = false;
    } else if (IsNew(trial_.plan)) {
      return true;
    } else {
      steps_[step_]->Hear(false);
    }
  }
}

bool Shrinker::IsNew(const Plan& plan) {
  const std::string bytes = plan.SerializeAsString();
  return tried_.insert(XXH3_64bits(bytes.data(), bytes.size())).second;
}

Shrunk Shrink(const Plan& plan, const std::string& violated, std::uint64_t budget,
              const std::function<TrialOutcome(const Trial&)>& play) {
  Shrinker shrinker(plan, violated, budget);
  while (const Trial* trial = shrinker.Next()) shrinker.Tell(play(*trial));
  return shrinker.result();
}

}  // namespace quorum::faults
