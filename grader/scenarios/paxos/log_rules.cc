#include "grader/scenarios/paxos/log_rules.h"

#include <fmt/format.h>

#include <functional>

#include "common/log/register.h"

namespace quorum::grader::paxos {
namespace {

constexpr Statement kAppliedInOrder = {
    "paxos.applied-in-order",
    "Every node applies the chosen commands slot by slot: none is left out, none comes twice.",
    "Paxos Made Simple, section 3"};
constexpr Statement kSameState = {
    "paxos.same-state", "Nodes that have applied the same slots are in the same state.",
    "Schneider, Implementing fault-tolerant services, 1990; Paxos Made Live, section 6.2"};
constexpr Statement kAnswerIsOwn = {"paxos.answer-is-own",
                                    "A client is told that its command was executed only if that "
                                    "very command is chosen in the slot "
                                    "that it is told.",
                                    "Paxos Made Simple, section 3; lab 2, part 2C"};

}  // namespace

AppliedInOrder::AppliedInOrder(sim::World& world, Ledger& ledger)
    : Rule(world, kAppliedInOrder, ledger) {}

void AppliedInOrder::Applied(NodeId node, Slot slot, std::string_view command,
                             const std::string& state) {
  Slot& last = last_[node];
  if (slot <= last) {
    return Violated(
        fmt::format("Node {} applies slot {}, and has applied slot {} before.", node, slot, last),
        node);
  }
  for (Slot skipped = last + 1; skipped < slot; ++skipped) {
    const Accepted* chosen = ledger().Chosen(skipped);
    if (chosen != nullptr && chosen->value == kNoOp) continue;
    return Violated(
        fmt::format(
            "Node {} applies slot {} after slot {}; in slot {} {}.", node, slot, last, skipped,
            chosen == nullptr ? "nothing is chosen yet" : Show(chosen->value) + " is chosen"),
        node);
  }
  last = slot;
  const Accepted* chosen = ledger().Chosen(slot);
  if (chosen != nullptr && chosen->value == CommandValue(command)) return;
  Violated(fmt::format(
               "Node {} applies {} in slot {}, in which {}.", node, Show(CommandValue(command)),
               slot, chosen == nullptr ? "nothing is chosen" : Show(chosen->value) + " is chosen"),
           node);
}

void AppliedInOrder::Restored(NodeId node, Slot slot, const std::string& state) {
  Slot& last = last_[node];
  if (slot < last) {
    return Violated(
        fmt::format("Node {} goes back to a snapshot of slot {}, and has applied slot {} "
                    "before.",
                    node, slot, last),
        node);
  }
  last = slot;
}

SameState::SameState(sim::World& world, Ledger& ledger) : Rule(world, kSameState, ledger) {}

void SameState::Applied(NodeId node, Slot slot, std::string_view command,
                        const std::string& state) {
  Judge(node, slot, state);
}
void SameState::Restored(NodeId node, Slot slot, const std::string& state) {
  Judge(node, slot, state);
}

void SameState::Judge(NodeId node, Slot slot, const std::string& state) {
  const std::size_t digest = std::hash<std::string>()(state);
  const auto [first, fresh] = seen_.emplace(slot, Seen{digest, node});
  if (fresh || first->second.digest == digest) return;
  Violated(fmt::format("After slot {} the state of node {} is not that of node {}.", slot, node,
                       first->second.node),
           node);
}

AnswerIsOwn::AnswerIsOwn(sim::World& world, Ledger& ledger) : Rule(world, kAnswerIsOwn, ledger) {}

void AnswerIsOwn::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                           std::string_view request) {
  log::RegisterCommand command;
  if (path == log::kAppend.path) {
    log::AppendRequest append;
    append.ParseFromArray(request.data(), static_cast<int>(request.size()));
    command.set_append(append.value());
  } else if (path == log::kPut.path) {
    log::PutRequest put;
    put.ParseFromArray(request.data(), static_cast<int>(request.size()));
    command.set_put(put.value());
  } else {
    return;
  }
  asked_[op] = CommandValue(command.SerializeAsString());
}

void AnswerIsOwn::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                           const absl::Status& status, std::string_view response) {
  const auto asked = asked_.extract(op);
  if (asked.empty() || !status.ok()) return;
  log::WriteResponse answer;
  answer.ParseFromArray(response.data(), static_cast<int>(response.size()));
  if (answer.outcome() != log::WriteResponse::EXECUTED) return;
  const Accepted* chosen = ledger().Chosen(answer.index());
  if (chosen != nullptr && chosen->value == asked.mapped()) return;
  Violated(
      fmt::format("Node {} says that {} was executed in slot {}, in which {}.", node,
                  Show(asked.mapped()), answer.index(),
                  chosen == nullptr ? "nothing is chosen" : Show(chosen->value) + " is chosen"),
      node);
}

void WatchLogRules(Stage& stage, Watch& watch, Ledger& ledger) {
  watch.Add(stage.Watch<AppliedInOrder>(ledger));
  watch.Add(stage.Watch<SameState>(ledger));
  watch.Add(stage.Watch<AnswerIsOwn>(ledger));
}

}  // namespace quorum::grader::paxos
