// How student code is entered, and what is made of the ways in which it may not come back.

#include <exception>

#include "common/env/check.h"
#include "common/env/not_written.h"
#include "grader/sim/debug_break.h"
#include "grader/sim/flight_recorder.h"
#include "grader/sim/handler_ended.h"
#include "grader/sim/world.h"

namespace quorum::sim {
namespace {

void ThrowCheckFailed(std::string_view sentence, SourcePlace where) {
  throw HandlerEnded{Failure::Kind::kCheck, std::string(sentence), where};
}

void ThrowNotWritten(std::string_view what, SourcePlace where) {
  throw HandlerEnded{Failure::Kind::kNotWritten, std::string(what), where};
}

const char* NameOfKind(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::kCheck:
      return "node.check";
    case Failure::Kind::kNotWritten:
      return "node.not-written";
    case Failure::Kind::kException:
      return "node.exception";
    case Failure::Kind::kBudget:
      return "node.budget";
    case Failure::Kind::kInvariant:
      break;
  }
  return "invariant";
}

}  // namespace

std::string HandlerEnded::place() const {
  const std::string_view file = where.file;
  const std::size_t slash = file.rfind('/');
  return std::string(slash == file.npos ? file : file.substr(slash + 1)) + ":" +
         std::to_string(where.line);
}

void InstallFailureHandlers() {
  SetCheckFailureHandler(ThrowCheckFailed);
  SetNotWrittenHandler(ThrowNotWritten);
}

void World::RunHandler(Machine& machine, HandlerKind kind, std::uint16_t method,
                       absl::FunctionRef<void()> body) {
  running_ = &machine;
  running_what_ = NameOfHandler(kind, method);
  effects_ = 0;
  machine.last_handler = ++handlers_;
  if (handlers_ == options_.break_at_handler) [[unlikely]]
    quorum_debug_break_here();
  if (handlers_ == options_.stop_before_handler) [[unlikely]] {
    Fail({.name = "run.stopped", .sentence = "The run was to end here."});
    running_ = nullptr;
    return;
  }
  flight::EnterHandler(machine.id, running_what_, handlers_);
  std::optional<HandlerEnded> ended;
  try {
    body();
  } catch (HandlerEnded& caught) {
    ended = std::move(caught);
  } catch (const std::exception& caught) {
    ended = HandlerEnded{Failure::Kind::kException, caught.what(), {}};
  } catch (...) {
    ended = HandlerEnded{Failure::Kind::kException, "an object that is not a std::exception", {}};
  }
  flight::LeaveHandler();
  // What a node does after its death is no one's business: it ran on against a dead Env.
  if (ended && !machine.process->dead()) {
    Failure failure{.kind = ended->kind, .name = NameOfKind(ended->kind)};
    if (ended->kind == Failure::Kind::kException) {
      failure.sentence = "No exception leaves a handler.";
      failure.detail = "It threw: " + ended->sentence;
    } else {
      failure.sentence = ended->sentence;
      failure.source = ended->place();
    }
    Fail(std::move(failure));
  }
  running_ = nullptr;
  if (machine.process->dead()) Bury(machine);
}

const char* World::NameOfHandler(HandlerKind kind, std::uint16_t method) {
  while (handler_names_.size() <= method) handler_names_.emplace_back();
  const char*& name = handler_names_[method][static_cast<std::size_t>(kind)];
  if (name == nullptr) name = HandlerName(kind, trace_.methods()[method]);
  return name;
}

void World::Fail(Failure failure) {
  if (failure_) return;
  if (running_ != nullptr && failure.node == 0) failure.node = running_->id;
  if (running_ != nullptr && failure.handler.empty()) failure.handler = running_what_;
  failure.at = now_;
  failure_ = std::move(failure);
}

void World::CountEffect(Machine& machine) {
  const Budget& budget = options_.budget;
  const bool handler_unbounded = ++effects_ > budget.effects_a_handler;
  const bool node_unbounded =
      machine.timers.used() > budget.pending_a_node || machine.calls.used() > budget.pending_a_node;
  if (!handler_unbounded && !node_unbounded) [[likely]]
    return;
  const std::string detail =
      handler_unbounded
          ? "One handler has sent, written or set timers more than " +
                std::to_string(budget.effects_a_handler) + " times and has not returned."
          : "It has more than " + std::to_string(budget.pending_a_node) +
                " timers or calls pending at once: " + std::to_string(machine.timers.used()) +
                " timers and " + std::to_string(machine.calls.used()) + " calls.";
  Fail(
      {.kind = Failure::Kind::kBudget,
       .name = "node.budget",
       .sentence = "A node sends a bounded number of messages and sets a bounded number of timers.",
       .detail = detail});
  // The only way out of a handler that would go on for ever.
  throw RunFailed{};
}

}  // namespace quorum::sim
