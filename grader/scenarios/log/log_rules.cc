#include "grader/scenarios/log/log_rules.h"

#include <fmt/format.h>

#include <functional>

#include "common/log/register.h"

namespace quorum::grader {
namespace {

/// What is decided somewhere, in half a sentence.
std::string WhatIsDecided(const std::string* decided) {
  return decided == nullptr ? "nothing is decided" : Show(*decided) + " is decided";
}

}  // namespace

AppliedInOrder::AppliedInOrder(sim::World& world, const Statement& statement,
                               const DecidedLog& decided)
    : Invariant(world, statement), decided_(decided) {}

void AppliedInOrder::Applied(NodeId node, LogIndex index, std::string_view command,
                             const std::string& state) {
  LogIndex& last = last_[node];
  if (index <= last) {
    return Violated(fmt::format("Node {} applies index {}, and has applied index {} before.", node,
                                index, last),
                    node);
  }
  for (LogIndex skipped = last + 1; skipped < index; ++skipped) {
    const std::string* decided = decided_.Decided(skipped);
    if (decided != nullptr && *decided == kNoOp) continue;
    return Violated(fmt::format("Node {} applies index {} after index {}; at index {} {}.", node,
                                index, last, skipped, WhatIsDecided(decided)),
                    node);
  }
  last = index;
  const std::string* decided = decided_.Decided(index);
  if (decided != nullptr && *decided == CommandValue(command)) return;
  Violated(fmt::format("Node {} applies {} at index {}, at which {}.", node,
                       Show(CommandValue(command)), index, WhatIsDecided(decided)),
           node);
}

void AppliedInOrder::Restored(NodeId node, LogIndex index, const std::string& state) {
  LogIndex& last = last_[node];
  if (index < last) {
    return Violated(
        fmt::format("Node {} goes back to a snapshot of index {}, and has applied index {} "
                    "before.",
                    node, index, last),
        node);
  }
  last = index;
}

SameState::SameState(sim::World& world, const Statement& statement) : Invariant(world, statement) {}

void SameState::Applied(NodeId node, LogIndex index, std::string_view command,
                        const std::string& state) {
  Judge(node, index, state);
}
void SameState::Restored(NodeId node, LogIndex index, const std::string& state) {
  Judge(node, index, state);
}

void SameState::Judge(NodeId node, LogIndex index, const std::string& state) {
  const std::size_t digest = std::hash<std::string>()(state);
  const auto [first, fresh] = seen_.emplace(index, Seen{digest, node});
  if (fresh || first->second.digest == digest) return;
  Violated(fmt::format("After index {} the state of node {} is not that of node {}.", index, node,
                       first->second.node),
           node);
}

AnswerIsOwn::AnswerIsOwn(sim::World& world, const Statement& statement, const DecidedLog& decided)
    : Invariant(world, statement), decided_(decided) {}

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
  const std::string* decided = decided_.Decided(answer.index());
  if (decided != nullptr && *decided == asked.mapped()) return;
  Violated(fmt::format("Node {} says that {} was executed at index {}, at which {}.", node,
                       Show(asked.mapped()), answer.index(), WhatIsDecided(decided)),
           node);
}

void WatchLogRules(Stage& stage, Tap& tap, const DecidedLog& decided,
                   const LogStatements& statements) {
  tap.Add(stage.Watch<AppliedInOrder>(statements.applied_in_order, decided));
  tap.Add(stage.Watch<SameState>(statements.same_state));
  stage.Watch<AnswerIsOwn>(statements.answer_is_own, decided);
}

}  // namespace quorum::grader
