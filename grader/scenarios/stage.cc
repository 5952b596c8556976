#include "grader/scenarios/stage.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace quorum::grader {

Stage::Stage(const Scenario& scenario, const faults::Plan& plan,
             const std::vector<const ModuleTable*>& modules, const StageOptions& options)
    : scenario_(scenario),
      plan_(plan),
      modules_(modules),
      options_(options),
      random_(plan.seed()) {}

const Role& Stage::FindRole(std::string_view role, std::string_view lab, bool reference) const {
  bool skip = reference;  // the first module of a lab is what is graded, or what it stands on
  for (const ModuleTable* module : modules_) {
    if (module->lab != lab || std::exchange(skip, false)) continue;
    for (const Role& offered : module->roles) {
      if (offered.name == role) return offered;
    }
  }
  if (reference) {
    throw Inconclusive{
        "This scenario plays servers of the implementation under test among servers "
        "of another one, and has none: name one with --with " +
        std::string(lab) + "=IMPL."};
  }
  throw std::runtime_error("The scenario needs the role \"" + std::string(role) +
                           "\" of the lab \"" + std::string(lab) +
                           "\", and no module that is loaded offers it.");
}

NodeFactory Stage::FindNode(std::string_view role, std::string_view lab, bool reference) const {
  const Role& found = FindRole(role, lab.empty() ? scenario_.lab : lab, reference);
  if (found.node == nullptr) {
    throw std::runtime_error("The role \"" + std::string(role) + "\" is not a node.");
  }
  return found.node;
}

NodeFactory Stage::node_factory(std::string_view role, std::string_view lab) const {
  return FindNode(role, lab, false);
}

NodeFactory Stage::reference_node_factory(std::string_view role) const {
  return FindNode(role, {}, true);
}

void (*Stage::FindPart(std::string_view role, std::string_view type, std::string_view lab,
                       bool reference) const)() {
  const Role& found = FindRole(role, lab.empty() ? scenario_.lab : lab, reference);
  if (found.part == nullptr || found.part_type != type) {
    throw std::runtime_error("The role \"" + std::string(role) + "\" is not a " +
                             std::string(type) + ".");
  }
  if (lab.empty()) flight::TakePart();
  return found.part;
}

void Stage::Step(std::string text) {
  flight::Step(text);
  if (world_) world_->Record({.kind = sim::TraceKind::kNote}, text);
  steps_.push_back(std::move(text));
}

sim::World& Stage::world() {
  if (!world_) {
    world_ = std::make_unique<sim::World>(sim::WorldOptions{
        .seed = plan_.seed(),
        .keep_trace = options_.keep_trace,
        .break_at_handler = options_.break_at_handler,
        .stop_before_handler = options_.stop_before_handler,
        .budget = options_.events > 0 ? sim::Budget{.events = options_.events} : sim::Budget()});
    if (options_.record_faults) world_->network().RecordDrawnFaults();
    faults::Network calm;
    calm.set_min_delay_ns(200'000);
    calm.set_max_delay_ns(2'000'000);
    world_->network().SetConditions(calm);
  }
  return *world_;
}

void Stage::AddAndBoot(NodeFactory factory, const NodeConfig& config, std::string name) {
  if (name.empty()) name = "node-" + std::to_string(config.self());
  world().AddMachine(std::move(name), factory, config);
  world().Boot(config.self());
}

void Stage::AddNode(std::string_view role, const NodeConfig& config, std::string name) {
  AddAndBoot(node_factory(role), config, std::move(name));
}

void Stage::AddReferenceNode(std::string_view role, const NodeConfig& config, std::string name) {
  AddAndBoot(reference_node_factory(role), config, std::move(name));
}

void Stage::StartFaults(const faults::Scope& scope, std::optional<faults::Profile> profile) {
  if (!plan_.faults_drawn()) {
    const faults::Profile usual = profile.value_or(scenario_.profile);
    const faults::Plan drawn =
        faults::DrawPlan(faults::ProfileOf(plan_.profile()).value_or(usual), plan_.seed(), scope);
    plan_.set_profile(drawn.profile());
    *plan_.mutable_network() = drawn.network();
    *plan_.mutable_faults() = drawn.faults();
    plan_.set_heal_after_ns(drawn.heal_after_ns());
    plan_.set_faults_drawn(true);
  }
  drivers_.push_back(std::make_unique<faults::Driver>(world(), plan_));
  drivers_.back()->Start();
  if (plan_.heal_after_ns() > 0 && plan_.heal_after_ns() < scope.duration) {
    world().At(world().now() + plan_.heal_after_ns(), [this] { Heal(); });
  }
}

void Stage::Heal() {
  if (drivers_.empty()) drivers_.push_back(std::make_unique<faults::Driver>(world(), plan_));
  drivers_.back()->Heal();
}

const google::protobuf::RepeatedPtrField<faults::ClientOp>& Stage::Ops(const DrawOps& draw) {
  if (!plan_.ops_drawn()) {
    sim::Rng random(plan_.seed(), 107);
    draw(random, plan_.mutable_ops());
    plan_.set_ops_drawn(true);
  }
  return plan_.ops();
}

}  // namespace quorum::grader
