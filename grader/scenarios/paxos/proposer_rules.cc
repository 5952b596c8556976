#include <fmt/format.h>

#include "grader/scenarios/paxos/rules.h"
#include "grader/scenarios/paxos/statements.h"

namespace quorum::grader::paxos {
namespace {

using quorum::paxos::IsNone;
using quorum::paxos::ToString;

}  // namespace

OneValuePerBallot::OneValuePerBallot(sim::World& world, Ledger& ledger)
    : Rule(world, kOneValue, ledger) {}

void OneValuePerBallot::Proposed(const AcceptMessage& message) {
  for (const auto& [slot, value] : message.proposals) {
    Judge(message.from, slot, message.ballot, value);
  }
}

void OneValuePerBallot::DiskAccepts(NodeId node, Slot slot, const Accepted& accepted) {
  Judge(node, slot, accepted.ballot, accepted.value);
}

void OneValuePerBallot::Judge(NodeId node, Slot slot, const Ballot& ballot,
                              const std::string& value) {
  const std::string* before = ledger().NoteProposal(slot, ballot, value);
  if (before == nullptr || *before == value) return;
  Violated(fmt::format("In slot {} {} is proposed under ballot {}, under which {} was proposed "
                       "before.",
                       slot, Show(value), ToString(ballot), Show(*before)),
           node);
}

ValueOfHighest::ValueOfHighest(sim::World& world, Ledger& ledger)
    : Rule(world, kValueOfHighest, ledger) {}

void ValueOfHighest::Proposed(const AcceptMessage& message) {
  for (const auto& [slot, value] : message.proposals) Judge(message, slot, value);
}

void ValueOfHighest::Judge(const AcceptMessage& message, Slot slot, const std::string& value) {
  // What each acceptor that has promised is known to report, in order of ballots. One that knows
  // the decision leaves no choice.
  const Ballot beyond = quorum::paxos::MakeBallot(~std::uint64_t{0}, 0);
  std::vector<Accepted> reports;
  for (const auto& [node, promise] : ledger().promises(message.ballot)) {
    const auto found = promise.accepted.find(slot);
    if (slot <= promise.committed) {
      const Accepted* chosen = ledger().Chosen(slot);
      reports.push_back({beyond, chosen != nullptr ? chosen->value : ""});
    } else {
      reports.push_back(found != promise.accepted.end() ? found->second : Accepted());
    }
  }
  std::sort(reports.begin(), reports.end(),
            [](const Accepted& a, const Accepted& b) { return a.ballot < b.ballot; });
  const std::size_t quorum = ledger().quorum();
  // The proposer may have gone by any quorum of them: by one whose highest report is this value, or
  // by one that reports nothing.
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const bool free = IsNone(reports[i].ballot);
    if (i + 1 >= quorum && (free || reports[i].value == value)) return;
  }
  std::string seen;
  for (const Accepted& report : reports) {
    seen += seen.empty() ? "" : ", ";
    seen += IsNone(report.ballot)
                ? "nothing"
                : fmt::format("{} ({})", Show(report.value),
                              report.ballot == beyond ? "decided" : ToString(report.ballot));
  }
  Violated(fmt::format(
               "Node {} asks node {} to accept {} in slot {} under ballot {}. So far {} promises "
               "of this ballot were given and are on the disks of those who gave them; a quorum "
               "is {}. They report: {}.",
               message.from, message.to, Show(value), slot, ToString(message.ballot),
               reports.size(), quorum, seen.empty() ? "-" : seen),
           message.from);
}

Validity::Validity(sim::World& world, Ledger& ledger) : Rule(world, kValidity, ledger) {}

void Validity::Proposed(const AcceptMessage& message) {
  for (const auto& [slot, value] : message.proposals) {
    if (value != kNoOp && !ledger().proposed.contains(value)) {
      Violated(fmt::format("Node {} proposes {} in slot {}, and no client has asked for that.",
                           message.from, Show(value), slot),
               message.from);
    }
  }
}

Agreement::Agreement(sim::World& world, Ledger& ledger) : Rule(world, kAgreement, ledger) {}

void Agreement::Proposed(const AcceptMessage& message) {
  for (const auto& [slot, value] : message.proposals) {
    const Accepted* chosen = ledger().Chosen(slot);
    if (chosen == nullptr || chosen->value == value || message.ballot < chosen->ballot) continue;
    Violated(fmt::format("In slot {} {} was chosen under ballot {}, and node {} proposes {} under "
                         "ballot {}.",
                         slot, Show(chosen->value), ToString(chosen->ballot), message.from,
                         Show(value), ToString(message.ballot)),
             message.from);
  }
}

void Agreement::DiskAccepts(NodeId node, Slot slot, const Accepted& accepted) {
  if (!ledger().AddAccept(node, slot, accepted.ballot, accepted.value)) return;
  const Accepted& chosen = *ledger().Chosen(slot);
  if (chosen.value == accepted.value) return;
  Violated(fmt::format("In slot {} {} was chosen under ballot {}, and now {} is chosen under "
                       "ballot {}.",
                       slot, Show(chosen.value), ToString(chosen.ballot), Show(accepted.value),
                       ToString(accepted.ballot)),
           node);
}

void Agreement::SaysDecided(NodeId node, Slot slot, const std::string& value) {
  const Accepted* chosen = ledger().Chosen(slot);
  if (chosen == nullptr || chosen->value == value) return;
  Violated(fmt::format("Node {} takes {} for decided in slot {}, in which {} was chosen.", node,
                       Show(value), slot, Show(chosen->value)),
           node);
}

LearnedIsChosen::LearnedIsChosen(sim::World& world, Ledger& ledger)
    : Rule(world, kLearnedIsChosen, ledger) {}

void LearnedIsChosen::SaysDecided(NodeId node, Slot slot, const std::string& value) {
  if (ledger().Chosen(slot) != nullptr) return;
  Violated(fmt::format("Node {} takes {} for decided in slot {}, and no quorum has accepted "
                       "anything there under one ballot.",
                       node, Show(value), slot),
           node);
}

void LearnedIsChosen::SaysDecidedUpTo(NodeId node, Slot slot) {
  if (slot <= ledger().chosen_up_to()) return;
  Violated(fmt::format("Node {} takes everything up to slot {} for decided, and in slot {} no "
                       "quorum has accepted anything under one ballot.",
                       node, slot, ledger().chosen_up_to() + 1),
           node);
}

void WatchRules(Stage& stage, Watch& watch, Ledger& ledger, Commands commands) {
  watch.Add(stage.Watch<LostDiskIsSilent>(ledger));
  watch.Add(stage.Watch<PromiseNeverFalls>(ledger));
  watch.Add(stage.Watch<PromiseKept>(ledger));
  watch.Add(stage.Watch<DurableBeforeReply>(ledger));
  watch.Add(stage.Watch<PromiseTellsAll>(ledger));
  watch.Add(stage.Watch<OneValuePerBallot>(ledger));
  if (commands == Commands::kKnown) watch.Add(stage.Watch<Validity>(ledger));
  watch.Add(stage.Watch<ValueOfHighest>(ledger));
  watch.Add(stage.Watch<LearnedIsChosen>(ledger));
  watch.Add(stage.Watch<Agreement>(ledger));
}

}  // namespace quorum::grader::paxos
