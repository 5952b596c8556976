// What commands make of a cell, and what clients are told of it.
#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

#include "grader/explore/lock_service/reading.h"
#include "grader/explore/lock_service/rules.h"
#include "grader/scenarios/lock_service/state_faults.h"
#include "grader/scenarios/lock_service/statements.h"
#include "grader/sim/rng.h"

namespace quorum::explore::locks {
namespace {

using namespace quorum::grader::locks;
using namespace quorum::lock_service;
using grader::Statement;

/// An operation of a session.
using Operation = std::pair<std::uint64_t, std::uint64_t>;
/// Which handle got a lock, and with which generation.
using Grant = std::pair<std::uint64_t, std::uint64_t>;

/// What is known of one server, and the first thing that is wrong with it alone.
struct Life {
  std::map<std::uint64_t, std::uint64_t> digests = {};  ///< of its states, by index, over all boots
  std::set<Grant> granted = {};                         ///< in these states
  std::set<Grant> told = {};                            ///< as it has answered
  std::map<Operation, std::set<std::string>> answers = {};

  // Since it booted.
  std::string state = {};
  std::uint64_t highest = 0;
  std::set<Operation> executed = {};

  const Statement* broken = nullptr;
  std::string fault = {};

  friend auto operator<=>(const Life&, const Life&) = default;
};

std::uint64_t DigestOf(std::string_view bytes) {
  std::uint64_t digest = bytes.size();
  for (const char byte : bytes) digest = sim::Combine(digest, static_cast<unsigned char>(byte));
  return digest;
}

/// An operation of a session that was answered, for good.
template <class Request, class Response>
std::optional<std::pair<Operation, std::string>> AnswerIn(const Sight& sight,
                                                          const Method<Request, Response>& method) {
  if (!IsAnswer(sight, method)) return std::nullopt;
  // Others leave open what becomes of it, or say that the session has ended meanwhile.
  if (sight.code != absl::StatusCode::kOk && sight.code != absl::StatusCode::kFailedPrecondition) {
    return std::nullopt;
  }
  const auto request = Parse<Request>(sight.request);
  const std::string text = sight.code == absl::StatusCode::kOk
                               ? "OK {" + Parse<Response>(sight.payload).ShortDebugString() + "}"
                               : "FAILED_PRECONDITION";
  return std::pair(Operation{request.call().session(), request.call().number()}, text);
}

class StateRulesOver final : public RulesOver<Life> {
 private:
  void Note(const Sight& sight, Life& life) const override {
    if (sight.kind == Sight::Kind::kCrashed) {
      life.state.clear();
      life.highest = 0;
      life.executed.clear();
    }
    if (const auto said = SaidIn(sight); said && said->applied() != 0) NoteApplied(*said, life);
    NoteAnswer(AnswerIn(sight, kAcquire), life);
    NoteAnswer(AnswerIn(sight, kTryAcquire), life);
    NoteAnswer(AnswerIn(sight, kRelease), life);
    const bool lock = IsAnswer(sight, kAcquire) || IsAnswer(sight, kTryAcquire);
    if (!lock || sight.code != absl::StatusCode::kOk) return;
    const auto answer = Parse<AcquireResponse>(sight.payload);
    if (!answer.acquired()) return;
    life.told.emplace(answer.sequencer().holder(), answer.sequencer().generation());
  }

  static void NoteAnswer(const std::optional<std::pair<Operation, std::string>>& answer,
                         Life& life) {
    if (answer) life.answers[answer->first].insert(answer->second);
  }

  static void NoteApplied(const Said& said, Life& life) {
    const auto before = Parse<State>(life.state);
    const auto after = Parse<State>(said.state());
    const auto command = Parse<Command>(said.command());
    life.state = said.state();
    Demand(kMutualExclusion, HeldByTooMany(after), life);
    Demand(kFencing, GenerationNotRisen(before, after, life.highest), life);
    Demand(kDead, OwnedByTheDead(after), life);
    Demand(kLosesNothing, LostByTheLiving(before, command, after), life);
    Demand(kOnce, NotOnce(before, command, after, life.executed), life);
    for (const NodeRecord& node : after.nodes()) {
      for (const LockClaim& holder : node.holders()) {
        life.granted.emplace(holder.handle(), node.stat().lock_generation());
      }
    }
    const std::uint64_t digest = DigestOf(said.state());
    if (life.digests.emplace(said.applied(), digest).first->second == digest) return;
    Demand(
        kSameState,
        fmt::format("After index {} it is in another state than before it booted.", said.applied()),
        life);
  }

  static void Demand(const Statement& statement, const std::optional<std::string>& fault,
                     Life& life) {
    if (!fault || life.broken != nullptr) return;
    life.broken = &statement;
    life.fault = *fault;
  }

  std::optional<Finding> Find(std::span<const Life* const> nodes) const override {
    for (const Life* life : nodes) {
      if (life->broken != nullptr) return Finding{*life->broken, life->fault};
    }
    std::map<std::uint64_t, std::uint64_t> digests;
    std::set<Grant> granted;
    std::map<Operation, std::set<std::string>> answers;
    for (const Life* life : nodes) {
      for (const auto& [index, digest] : life->digests) {
        if (digests.emplace(index, digest).first->second == digest) continue;
        return Finding{kSameState,
                       fmt::format("After index {} two servers are in different states.", index)};
      }
      granted.insert(life->granted.begin(), life->granted.end());
      for (const auto& [operation, texts] : life->answers) {
        answers[operation].insert(texts.begin(), texts.end());
      }
    }
    for (const auto& [operation, texts] : answers) {
      if (texts.size() < 2) continue;
      return Finding{
          kOnce, fmt::format("Operation {} of session {} was answered {}, and {}.",
                             operation.second, operation.first, *texts.begin(), *texts.rbegin())};
    }
    for (const Life* life : nodes) {
      for (const Grant& told : life->told) {
        if (granted.contains(told)) continue;
        return Finding{kSequencer,
                       fmt::format("A client is told that its handle {} holds the lock with "
                                   "generation {}, and no command has made it so.",
                                   told.first, told.second)};
      }
    }
    return std::nullopt;
  }
};

}  // namespace

std::shared_ptr<Rule> StateRules() { return std::make_shared<StateRulesOver>(); }

std::vector<std::shared_ptr<Rule>> CellRules(Duration lease) {
  return {StateRules(), DelayRule(), PromiseRule(lease)};
}

}  // namespace quorum::explore::locks
