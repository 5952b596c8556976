#include <fmt/format.h>

#include "grader/scenarios/paxos/rules.h"
#include "grader/scenarios/paxos/statements.h"

namespace quorum::grader::paxos {
namespace {

using quorum::paxos::IsNone;
using quorum::paxos::ToString;

using quorum::grader::Show;

std::string Show(const Accepted& accepted) {
  if (IsNone(accepted.ballot)) return "nothing";
  return fmt::format("{} under ballot {}", Show(accepted.value), ToString(accepted.ballot));
}

Accepted AcceptedIn(const std::map<Slot, Accepted>& accepted, Slot slot) {
  const auto found = accepted.find(slot);
  return found == accepted.end() ? Accepted() : found->second;
}

}  // namespace

PromiseNeverFalls::PromiseNeverFalls(sim::World& world, Ledger& ledger)
    : Rule(world, kPromiseNeverFalls, ledger) {}

void PromiseNeverFalls::DiskPromises(NodeId node, const Ballot& ballot) {
  const Ballot& before = ledger().acceptor(node).promised;
  if (ballot < before) {
    Violated(fmt::format("Node {} had promised ballot {}, and now its disk says {}.", node,
                         ToString(before), ToString(ballot)),
             node);
  }
}

PromiseKept::PromiseKept(sim::World& world, Ledger& ledger) : Rule(world, kPromiseKept, ledger) {}

void PromiseKept::DiskAccepts(NodeId node, Slot slot, const Accepted& accepted) {
  const AcceptorRecord& record = ledger().acceptor(node);
  const Accepted before = AcceptedIn(record.accepted, slot);
  const bool falls = accepted.ballot < before.ballot;
  if (record.promised <= accepted.ballot && !falls) return;
  // What is decided may be kept under whatever ballot: no other value is proposed above it.
  const Accepted* chosen = ledger().Chosen(slot);
  if (chosen != nullptr && chosen->value == accepted.value) return;
  Violated(
      fmt::format("Node {} accepts {} in slot {}, and has {} before.", node, Show(accepted), slot,
                  falls ? fmt::format("accepted {}", Show(before))
                        : fmt::format("promised ballot {}", ToString(record.promised))),
      node);
}

void PromiseKept::Promised(NodeId from, NodeId to, const Ballot& ballot, const Promise& promise) {
  Ballot& given = given_[from];
  if (given < ballot) given = ballot;
}

void PromiseKept::SaysAccepted(NodeId from, const AcceptMessage& request) {
  // Messages leave in the order in which they were made.
  const Ballot& given = given_[from];
  if (request.ballot < given) {
    Violated(fmt::format("Node {} says that it has accepted a proposal of ballot {}, after it has "
                         "promised ballot {}.",
                         from, ToString(request.ballot), ToString(given)),
             from);
  }
}

DurableBeforeReply::DurableBeforeReply(sim::World& world, Ledger& ledger)
    : Rule(world, kDurableBeforeReply, ledger) {}

void DurableBeforeReply::Promised(NodeId from, NodeId to, const Ballot& ballot,
                                  const Promise& promise) {
  const AcceptorRecord& record = ledger().acceptor(from);
  if (record.promised < ballot) {
    return Violated(
        fmt::format("Node {} promises ballot {} to node {}, and on its disk is {}.", from,
                    ToString(ballot), to,
                    record.promised == Ballot() ? "no promise yet"
                                                : "a promise of " + ToString(record.promised)),
        from);
  }
  for (const auto& [slot, accepted] : promise.accepted) {
    if (slot <= record.snapshot || slot <= record.committed) continue;
    const Accepted on_disk = AcceptedIn(record.accepted, slot);
    if (on_disk.ballot < accepted.ballot) {
      return Violated(fmt::format("Node {} reports that it has accepted {} in slot {}, and on its "
                                  "disk is {}.",
                                  from, Show(accepted), slot, Show(on_disk)),
                      from);
    }
  }
}

void DurableBeforeReply::SaysAccepted(NodeId from, const AcceptMessage& request) {
  const AcceptorRecord& record = ledger().acceptor(from);
  for (const auto& [slot, value] : request.proposals) {
    if (slot <= record.snapshot || slot <= record.committed) continue;
    const Accepted on_disk = AcceptedIn(record.accepted, slot);
    if (on_disk.ballot < request.ballot) {
      return Violated(
          fmt::format("Node {} answers node {} that it has accepted {} in slot {}, and on its disk "
                      "is {}.",
                      from, request.from, Show(Accepted{request.ballot, value}), slot,
                      Show(on_disk)),
          from);
    }
  }
}

void DurableBeforeReply::OnSend(const sim::Message& message, std::string_view path) {
  if (path != quorum::paxos::kLearn.path || !message.is_response || !message.status.ok()) return;
  const auto machine = world().machines().find(message.from);
  if (!machine->second->disk.durable().contains(quorum::paxos::kDecisionKey)) {
    Violated(fmt::format("Node {} answers that it has learned the decision, and its disk has none.",
                         message.from),
             message.from);
  }
}

PromiseTellsAll::PromiseTellsAll(sim::World& world, Ledger& ledger)
    : Rule(world, kPromiseTellsAll, ledger) {}

void PromiseTellsAll::Promised(NodeId from, NodeId to, const Ballot& ballot,
                               const Promise& promise) {
  const AcceptorRecord& record = ledger().acceptor(from);
  const Slot known = std::max({promise.committed, record.committed, record.snapshot});
  for (auto at = record.accepted.upper_bound(known); at != record.accepted.end(); ++at) {
    const auto& [slot, on_disk] = *at;
    if (ballot <= on_disk.ballot) continue;  // accepted since
    const Accepted reported = AcceptedIn(promise.accepted, slot);
    if (reported.ballot == on_disk.ballot && reported.value == on_disk.value) continue;
    return Violated(fmt::format("Node {} promises ballot {} to node {} and reports {} in slot {}, "
                                "but has accepted {}.",
                                from, ToString(ballot), to, Show(reported), slot, Show(on_disk)),
                    from);
  }
}

LostDiskIsSilent::LostDiskIsSilent(sim::World& world, Ledger& ledger)
    : Rule(world, kLostDiskIsSilent, ledger) {}

void LostDiskIsSilent::Judge(NodeId node, const char* what) {
  if (!ledger().acceptor(node).lost) return;
  Violated(fmt::format("Node {} lost its disk, and now it {}.", node, what), node);
}

void LostDiskIsSilent::Prepared(NodeId from, const Ballot& ballot) { Judge(from, "prepares"); }
void LostDiskIsSilent::Promised(NodeId from, NodeId to, const Ballot& ballot,
                                const Promise& promise) {
  Judge(from, "promises");
}
void LostDiskIsSilent::Proposed(const AcceptMessage& message) { Judge(message.from, "proposes"); }
void LostDiskIsSilent::SaysAccepted(NodeId from, const AcceptMessage& request) {
  Judge(from, "accepts");
}

}  // namespace quorum::grader::paxos
