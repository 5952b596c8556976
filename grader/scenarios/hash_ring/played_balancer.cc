#include "grader/scenarios/hash_ring/played_balancer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "grader/scenarios/hash_ring/bounded_statements.h"
#include "grader/scenarios/hash_ring/played_ring.h"

namespace quorum::grader {

using hash_ring::BoundedLoad;
using hash_ring::Move;

namespace {

const hash_ring::RingOptions kRingOptions = {.points_per_unit = 12};

std::string MovesText(const BoundedLoad::Moves& moves) {
  std::vector<std::string> parts;
  for (const Move& move : moves) {
    parts.push_back(fmt::format("{}: {} -> {}", move.item,
                                move.from.empty() ? "nowhere" : move.from,
                                move.to.empty() ? "nowhere" : move.to));
  }
  return ListOf(parts);
}

BoundedLoad::Moves MovesBetween(const Placement& before, const Placement& after) {
  std::map<std::string, Move> moves;
  for (const auto& [item, node] : before) moves[item] = {item, node, ""};
  for (const auto& [item, node] : after) {
    moves.try_emplace(item, Move{item, "", ""}).first->second.to = node;
  }
  BoundedLoad::Moves changed;
  for (const auto& [item, move] : moves) {
    if (move.from != move.to) changed.push_back(move);
  }
  return changed;
}

}  // namespace

PlayedBalancer::PlayedBalancer(Stage& stage, std::uint32_t percent,
                               const std::vector<std::string>& nodes, std::string name)
    : stage_(stage), percent_(percent), name_(std::move(name)), ring_(kRingOptions) {
  auto ring = std::make_unique<RingModel>(kRingOptions);
  for (const std::string& node : nodes) {
    ring_.Add(node, 1).IgnoreError();
    ring->Add(node, 1).IgnoreError();
  }
  last_call_ =
      fmt::format("{} = MakeBoundedLoad(a ring of {}, {}%)", name_, ListOf(nodes), percent);
  stage.Step(last_call_);
  balancer_ = stage.part<hash_ring::BoundedLoadFactory>(
      hash_ring::kBoundedLoadRole, hash_ring::kBoundedLoadFactoryType)(std::move(ring), percent);
}

absl::StatusCode PlayedBalancer::Played(const std::string& call, Answer theirs,
                                        absl::StatusCode ours) {
  last_call_ = call;
  last_moves_ = theirs.ok() ? *theirs : BoundedLoad::Moves{};
  stage_.Step(
      fmt::format("{} -> {}", call, theirs.ok() ? MovesText(last_moves_) : Code(theirs.status())));
  if (theirs.status().code() != ours) {
    const bool no_place = ours == absl::StatusCode::kOk && !theirs.ok();
    stage_.Require(no_place ? bounded_statements::kAlwaysPlaceable : bounded_statements::kAnswers,
                   false,
                   fmt::format("{} answered {}, not {}; there are {} items on {} nodes.", call,
                               Code(theirs.status()), absl::StatusCodeToString(ours), items_.size(),
                               ring_.size()));
  }
  return ours;
}

absl::StatusCode PlayedBalancer::AddNode(std::string_view node, std::uint32_t weight) {
  return Played(fmt::format("{}->AddNode({}, {})", name_, Quoted(node), weight),
                balancer_->AddNode(node, weight), ring_.Add(node, weight).code());
}

absl::StatusCode PlayedBalancer::RemoveNode(std::string_view node) {
  const bool stuck = ring_.size() == 1 && ring_.Has(node) && !items_.empty();
  return Played(fmt::format("{}->RemoveNode({})", name_, Quoted(node)), balancer_->RemoveNode(node),
                stuck ? absl::StatusCode::kFailedPrecondition : ring_.Remove(node).code());
}

absl::StatusCode PlayedBalancer::Assign(std::string_view item) {
  const auto code = item.empty()                         ? absl::StatusCode::kInvalidArgument
                    : items_.contains(std::string(item)) ? absl::StatusCode::kAlreadyExists
                    : ring_.size() == 0                  ? absl::StatusCode::kFailedPrecondition
                                                         : absl::StatusCode::kOk;
  if (code == absl::StatusCode::kOk) items_.emplace(item);
  return Played(fmt::format("{}->Assign({})", name_, Quoted(item)), balancer_->Assign(item), code);
}

absl::StatusCode PlayedBalancer::Release(std::string_view item) {
  const bool placed = items_.erase(std::string(item)) > 0;
  return Played(fmt::format("{}->Release({})", name_, Quoted(item)), balancer_->Release(item),
                placed ? absl::StatusCode::kOk : absl::StatusCode::kNotFound);
}

absl::StatusCode PlayedBalancer::Play(const faults::ClientOp& op) {
  if (op.op() == "assign") return Assign(op.key());
  if (op.op() == "release") return Release(op.key());
  if (op.op() == "remove") return RemoveNode(op.key());
  return AddNode(op.key(), static_cast<std::uint32_t>(std::stoul(op.value())));
}

Placement PlayedBalancer::Places() {
  Placement places;
  for (const std::string& item : items_) {
    const absl::StatusOr<std::string> node = balancer_->NodeOf(item);
    if (!node.ok() || !ring_.Has(*node)) {
      std::vector<std::string> room;
      for (const auto& [name, capacity] : CapacitiesByFormula(ring_, percent_, items_.size())) {
        room.push_back(fmt::format("{}: {}", name, capacity));
      }
      stage_.Require(
          bounded_statements::kAlwaysPlaceable, false,
          fmt::format("After {}, {}->NodeOf({}) answered {}. With {} items the nodes have "
                      "the capacities {}.",
                      last_call_, name_, Quoted(item),
                      node.ok() ? Quoted(*node) : Code(node.status()), items_.size(),
                      ListOf(room)));
    }
    stage_.Record(MixedHash(*node, 0));
    places.emplace(item, *node);
  }
  return places;
}

void PlayedBalancer::CheckBounds() {
  std::map<std::string, std::uint64_t> items_on;
  for (const auto& [item, node] : Places()) ++items_on[node];
  for (const auto& [node, capacity] : CapacitiesByFormula(ring_, percent_, items_.size())) {
    const absl::StatusOr<std::uint64_t> told = balancer_->Capacity(node);
    const absl::StatusOr<std::uint64_t> load = balancer_->Load(node);
    const auto context = [&] {
      return fmt::format("After {}, with {} items on {}:", last_call_, items_.size(),
                         TextOf(ring_.Members()));
    };
    const auto value = [](const absl::StatusOr<std::uint64_t>& answer) {
      return answer.ok() ? std::to_string(*answer) : Code(answer.status());
    };
    if (told != absl::StatusOr<std::uint64_t>(capacity)) {
      stage_.Require(bounded_statements::kCapacity, false,
                     fmt::format("{} {}->Capacity({}) answered {}, not {}.", context(), name_,
                                 Quoted(node), value(told), capacity));
    }
    if (load != absl::StatusOr<std::uint64_t>(items_on[node])) {
      stage_.Require(bounded_statements::kCounters, false,
                     fmt::format("{} {}->Load({}) answered {}; NodeOf puts {} items there.",
                                 context(), name_, Quoted(node), value(load), items_on[node]));
    }
    if (items_on[node] > capacity) {
      stage_.Require(bounded_statements::kNeverOver, false,
                     fmt::format("{} {} has {} items and room for {}.", context(), Quoted(node),
                                 items_on[node], capacity));
    }
  }
}

void PlayedBalancer::CheckRule() {
  const std::string difference = Difference(Places(), PlacementByRule(ring_, percent_, items_));
  stage_.Require(bounded_statements::kRule, difference.empty(),
                 fmt::format("After {}: {}", last_call_, difference));
}

const BoundedLoad::Moves& PlayedBalancer::CheckMoves() {
  const Placement places = Places();
  const BoundedLoad::Moves happened = MovesBetween(places_before_, places);
  stage_.Require(bounded_statements::kMoves, last_moves_ == happened,
                 fmt::format("{} reported {}; by NodeOf before and after it, what happened is {}.",
                             last_call_, MovesText(last_moves_), MovesText(happened)));
  places_before_ = places;
  return last_moves_;
}

std::size_t PlayedBalancer::ItemsElsewhere() {
  const Placement places = Places();
  return std::ranges::count_if(
      places, [&](const auto& place) { return *ring_.Owner(place.first) != place.second; });
}

}  // namespace quorum::grader
