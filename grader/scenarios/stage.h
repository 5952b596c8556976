#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/env/module.h"
#include "grader/faults/plan.pb.h"
#include "grader/scenarios/scenario.h"
#include "grader/sim/flight_recorder.h"
#include "grader/sim/rng.h"

namespace quorum::sim {
class World;
}

namespace quorum::grader {

/// Thrown to end a run that has violated `statement`.
struct Violation {
  Statement statement;
  std::string detail;  ///< what was seen, in a sentence or two with the actual values
};

/// Thrown to end a run about which nothing can be said: a checker has spent its budget.
struct Inconclusive {
  std::string why;  ///< a sentence
};

/// What a scenario plays on: the implementation under test, the seed's randomness and, for the
/// scenarios that need one, a simulated world. It notes the steps that led to a failure.
class Stage {
 public:
  /// `modules` maps a lab's short name to the implementation of it.
  Stage(const Scenario& scenario, const faults::Plan& plan,
        const std::vector<const ModuleTable*>& modules);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// The factory of the role `name` of the scenario's lab, or of another lab when one is named.
  NodeFactory node_factory(std::string_view role, std::string_view lab = {}) const;
  /// The same for a part, whose factory type is `Factory`, called `type` in the lab's header.
  template <class Factory>
  Factory part(std::string_view role, std::string_view type) const {
    return reinterpret_cast<Factory>(FindPart(role, type));
  }

  /// The scenario's own stream of randomness, a function of the seed alone.
  sim::Rng& random() { return random_; }
  const faults::Plan& plan() const { return plan_; }

  /// Narrates: a failure prints the steps that led to it, numbered.
  void Step(std::string text) {
    flight::Step(text);
    steps_.push_back(std::move(text));
  }
  const std::vector<std::string>& steps() const { return steps_; }

  /// Ends the run as a violation of `statement` unless `holds`.
  void Require(const Statement& statement, bool holds, std::string_view detail) const {
    if (!holds) throw Violation{statement, std::string(detail)};
  }

  /// Makes what the implementation answered part of the run's identity: the same module, scenario
  /// and seed must record the same values again. Worlds record all that happens in them by
  /// themselves.
  void Record(std::uint64_t value) {
    flight::Progress();
    recorded_hash_ = sim::Combine(recorded_hash_, value);
  }
  std::uint64_t recorded_hash() const { return recorded_hash_; }

  /// Something that the scenario exists for has happened.
  void Observe(std::string_view what) { observed_.emplace(what); }
  const std::set<std::string, std::less<>>& observed() const { return observed_; }

  /// The simulated world of this run; made, with the plan's network and clocks, at the first call.
  sim::World& world();
  /// Null until `world()` is called.
  const sim::World* world_if_made() const { return world_.get(); }

 private:
  void (*FindPart(std::string_view role, std::string_view type) const)();

  const Scenario& scenario_;
  const faults::Plan& plan_;
  const std::vector<const ModuleTable*>& modules_;
  sim::Rng random_;
  std::vector<std::string> steps_;
  std::set<std::string, std::less<>> observed_;
  std::uint64_t recorded_hash_ = 0;
  std::unique_ptr<sim::World> world_;
};

}  // namespace quorum::grader
