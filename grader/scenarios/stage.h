#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/env/module.h"
#include "grader/check/invariant.h"
#include "grader/faults/driver.h"
#include "grader/faults/plan.pb.h"
#include "grader/scenarios/scenario.h"
#include "grader/scenarios/sides.h"
#include "grader/scenarios/times.h"
#include "grader/sim/flight_recorder.h"
#include "grader/sim/rng.h"
#include "grader/sim/world.h"

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

/// How a run is watched; none of it changes what happens, but how long it may go on.
struct StageOptions {
  bool keep_trace = false;     ///< keep every record, not only their hash
  bool record_faults = false;  ///< note each drop, duplicate and delay that the rates brought about
  std::uint64_t events = 0;    ///< end the run as failed after so many; 0: after very many
  std::uint64_t stop_before_handler = 0;  ///< end it as failed there: see sim::WorldOptions
  std::uint64_t break_at_handler = 0;     ///< for a debugger: see sim::WorldOptions
};

/// What a scenario plays on: the implementation under test, the seed's randomness and, for the
/// scenarios that need one, a simulated world. It notes the steps that led to a failure.
class Stage {
 public:
  /// `modules` has the implementation of the scenario's lab, and those that `StandsOn` tells of.
  Stage(const Scenario& scenario, const faults::Plan& plan,
        const std::vector<const ModuleTable*>& modules, const StageOptions& options = {});
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// The factory of the role `name` of the scenario's lab, or of another lab when one is named.
  NodeFactory node_factory(std::string_view role, std::string_view lab = {}) const;
  /// The same for a part, whose factory type is `Factory`, called `type` in the lab's header.
  template <class Factory>
  Factory part(std::string_view role, std::string_view type, std::string_view lab = {}) const {
    return reinterpret_cast<Factory>(FindPart(role, type, lab, false));
  }
  /// The same of the reference: another implementation of the scenario's own lab, beside the one
  /// under test. A run that is not given one is inconclusive.
  template <class Factory>
  Factory reference_part(std::string_view role, std::string_view type) const {
    return reinterpret_cast<Factory>(FindPart(role, type, {}, true));
  }

  /// The factory of a node of the reference.
  NodeFactory reference_node_factory(std::string_view role) const;

  /// Which nodes run the reference, where some do: a failure then says whose node broke the rule.
  void SetSides(Sides sides) { sides_ = std::move(sides); }
  const Sides& sides() const { return sides_; }

  /// The scenario's own stream of randomness, a function of the seed alone.
  sim::Rng& random() { return random_; }
  /// The plan, with what this run has drawn: playing it again brings the same run.
  const faults::Plan& plan() const { return plan_; }

  /// Narrates: a failure prints the steps that led to it, numbered.
  void Step(std::string text);
  const std::vector<std::string>& steps() const { return steps_; }

  /// Ends the run as a violation of `statement` unless `holds`.
  void Require(const Statement& statement, bool holds, std::string_view detail) const {
    if (!holds) throw Violation{statement, std::string(detail)};
  }

  /// Something that the scenario exists for has happened.
  void Observe(std::string_view what) { observed_.emplace(what); }
  const std::set<std::string, std::less<>>& observed() const { return observed_; }

  /// Makes what the implementation answered part of the run's identity: the same module, scenario
  /// and seed must record the same values again. Worlds record all that happens in them by
  /// themselves.
  void Record(std::uint64_t value) {
    flight::Progress();
    recorded_hash_ = sim::Combine(recorded_hash_, value);
  }
  std::uint64_t recorded_hash() const { return recorded_hash_; }

  /// The simulated world of this run, made at the first call.
  sim::World& world();
  /// Null until `world()` is called.
  const sim::World* world_if_made() const { return world_.get(); }

  /// Adds a machine for `config.self()`, named "node-<self>" unless `name` says otherwise, and
  /// boots the scenario's role `role` on it.
  void AddNode(std::string_view role, const NodeConfig& config, std::string name = {});
  /// The same, of the reference.
  void AddReferenceNode(std::string_view role, const NodeConfig& config, std::string name = {});

  /// Watches the world from now on with an invariant of this type, built with `(world, args...)`.
  template <class T, class... Args>
  T& Watch(Args&&... args) {
    auto invariant = std::make_unique<T>(world(), std::forward<Args>(args)...);
    T& watching = *invariant;
    world().Watch(watching);
    invariants_.push_back(std::move(invariant));
    return watching;
  }

  /// Lets the scenario's profile loose on `scope`, from now on: draws the plan's faults from the
  /// seed unless the plan has them already. They last until `Heal`, or until the time that a
  /// shorter plan gives; `scope.duration` is only how long they are spread over. A `profile` goes
  /// before the scenario's.
  void StartFaults(const faults::Scope& scope, std::optional<faults::Profile> profile = {});
  /// Ends all faults. What was safe must now also make progress.
  void Heal();

  /// What the clients do: the plan's operations, or those that `draw` adds to a plan without any.
  using DrawOps =
      std::function<void(sim::Rng&, google::protobuf::RepeatedPtrField<faults::ClientOp>*)>;
  const google::protobuf::RepeatedPtrField<faults::ClientOp>& Ops(const DrawOps& draw);

 private:
  void (*FindPart(std::string_view role, std::string_view type, std::string_view lab,
                  bool reference) const)();
  NodeFactory FindNode(std::string_view role, std::string_view lab, bool reference) const;
  void AddAndBoot(NodeFactory factory, const NodeConfig& config, std::string name);
  const Role& FindRole(std::string_view role, std::string_view lab, bool reference) const;

  const Scenario& scenario_;
  faults::Plan plan_;
  const std::vector<const ModuleTable*>& modules_;
  StageOptions options_;
  sim::Rng random_;
  std::uint64_t recorded_hash_ = 0;
  std::vector<std::string> steps_;
  std::set<std::string, std::less<>> observed_;
  Sides sides_;
  std::vector<std::unique_ptr<Invariant>> invariants_;
  std::vector<std::unique_ptr<faults::Driver>>
      drivers_;  // the world may still hear the earlier ones
  std::unique_ptr<sim::World>
      world_;  // last: its nodes may still be watched while they are destroyed
};

}  // namespace quorum::grader
