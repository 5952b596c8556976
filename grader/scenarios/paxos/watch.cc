#include "grader/scenarios/paxos/watch.h"

#include "common/log/register.h"
#include "grader/scenarios/parse.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

std::string ValueOf(const Entry& entry) {
  return entry.no_op() ? kNoOp : CommandValue(entry.command());
}

AcceptMessage Understand(const AcceptEntriesRequest& request) {
  AcceptMessage accept{.ballot = request.ballot(), .committed = request.committed()};
  for (const Entry& entry : request.entries()) {
    accept.proposals.emplace_back(entry.index(), ValueOf(entry));
  }
  return accept;
}

std::string_view EntryPrefix() { return kEntryPrefix; }

}  // namespace

void Watch::OnSend(const sim::Message& message, std::string_view path) {
  if (!message.is_response) return HearRequest(message, path);
  if (message.status.ok()) HearResponse(message, path);
}

void Watch::HearRequest(const sim::Message& message, std::string_view path) {
  if (path == kAcceptEntries.path) {
    return HearAccept(message, Understand(Parse<AcceptEntriesRequest>(message.payload)));
  }
  if (path == kAccept.path) {
    const auto request = Parse<AcceptRequest>(message.payload);
    return HearAccept(
        message, {.ballot = request.ballot(), .proposals = {{1, CommandValue(request.value())}}});
  }
  if (path == kPrepareLog.path) {
    const auto request = Parse<PrepareLogRequest>(message.payload);
    return HearPrepare(message, request.ballot(), request.committed());
  }
  if (path == kPrepare.path) {
    return HearPrepare(message, Parse<PrepareRequest>(message.payload).ballot(), 0);
  }
  if (path == kLearn.path) {
    HearDecided(message.from, 1, CommandValue(Parse<LearnRequest>(message.payload).value()));
  }
}

void Watch::HearResponse(const sim::Message& message, std::string_view path) {
  if (path == kAcceptEntries.path) {
    if (Parse<AcceptEntriesResponse>(message.payload).accepted()) HearAccepted(message);
  } else if (path == kAccept.path) {
    if (Parse<AcceptResponse>(message.payload).accepted()) HearAccepted(message);
  } else if (path == kPrepareLog.path) {
    const auto response = Parse<PrepareLogResponse>(message.payload);
    if (!response.promised()) return;
    Promise promise{.committed = response.committed(), .accepted = {}};
    for (const Entry& entry : response.accepted()) {
      promise.accepted[entry.index()] = {entry.ballot(), ValueOf(entry)};
    }
    HearPromise(message, std::move(promise));
  } else if (path == kPrepare.path) {
    const auto response = Parse<PrepareResponse>(message.payload);
    if (!response.promised()) return;
    Promise promise;
    if (!IsNone(response.accepted())) {
      promise.accepted[1] = {response.accepted(), CommandValue(response.value())};
    }
    HearPromise(message, std::move(promise));
  } else if (path == kFetch.path) {
    const auto response = Parse<FetchResponse>(message.payload);
    for (const Entry& entry : response.entries()) {
      HearDecided(message.from, entry.index(), ValueOf(entry));
    }
    HearDecidedUpTo(message.from, std::max(response.committed(), response.chunk().index()));
  }
}

void Watch::HearPrepare(const sim::Message& message, const Ballot& ballot, Slot committed) {
  asked_[message.id] = {.accept = {}, .ballot = ballot, .committed = committed};
  HearDecidedUpTo(message.from, committed);
  TellRules(message.from, [&](Rule& rule) { rule.Prepared(message.from, ballot); });
}

void Watch::HearPromise(const sim::Message& message, Promise promise) {
  const Asked& asked = asked_[sim::RequestOf(message.id)];
  HearDecidedUpTo(message.from, promise.committed);
  promise.committed = std::max(promise.committed, asked.committed);
  TellRules(message.from,
            [&](Rule& rule) { rule.Promised(message.from, message.to, asked.ballot, promise); });
  ledger_.promises(asked.ballot).try_emplace(message.from, std::move(promise));
}

void Watch::HearAccept(const sim::Message& message, AcceptMessage accept) {
  accept.from = message.from;
  accept.to = message.to;
  HearDecidedUpTo(message.from, accept.committed);
  TellRules(message.from, [&](Rule& rule) { rule.Proposed(accept); });
  for (const auto& [slot, value] : accept.proposals) {
    ledger_.NoteProposal(slot, accept.ballot, value);
  }
  asked_[message.id].accept = std::move(accept);
}

void Watch::HearAccepted(const sim::Message& message) {
  const AcceptMessage& request = asked_[sim::RequestOf(message.id)].accept;
  TellRules(message.from, [&](Rule& rule) { rule.SaysAccepted(message.from, request); });
  if (!puppets_.contains(message.from)) return;
  for (const auto& [slot, value] : request.proposals) {  // a puppet's word is as good as a disk
    ledger_.AddAccept(message.from, slot, request.ballot, value);
  }
}

void Watch::HearDecided(NodeId node, Slot slot, const std::string& value) {
  TellRules(node, [&](Rule& rule) { rule.SaysDecided(node, slot, value); });
}

void Watch::HearDecidedUpTo(NodeId node, Slot slot) {
  if (slot > 0) TellRules(node, [&](Rule& rule) { rule.SaysDecidedUpTo(node, slot); });
}

void Watch::OnDurable(NodeId node, const WriteBatch& batch) {
  Slot committed = ledger_.acceptor(node).committed;
  for (const WriteBatch::Change& change : batch.changes()) {
    if (change.key == kCommittedKey && change.value) {
      committed = std::max<Slot>(committed, Parse<Committed>(*change.value).index());
    }
  }
  sim::KeyValues data;  // what the batch says, without what it takes away
  for (const WriteBatch::Change& change : batch.changes()) {
    if (change.value) {
      data[change.key] = *change.value;
    } else if (change.key.starts_with(EntryPrefix())) {
      ledger_.acceptor(node).accepted.erase(std::stoull(change.key.substr(EntryPrefix().size())));
    }
  }
  ReadDisk(node, data);
}

void Watch::ReadDisk(NodeId node, const sim::KeyValues& data) {
  Slot committed = ledger_.acceptor(node).committed;
  if (const auto found = data.find(kCommittedKey); found != data.end()) {
    committed = std::max<Slot>(committed, Parse<Committed>(found->second).index());
  }
  Ballot promised;
  for (const auto& [key, bytes] : data) {
    if (key == kAcceptorKey) {
      const auto state = Parse<AcceptorState>(bytes);
      promised = state.promised();
      if (!IsNone(state.accepted())) {
        SetAccepted(node, 1, {state.accepted(), CommandValue(state.value())}, 0);
      }
    } else if (key == kPromiseKey) {
      promised = Parse<Ballot>(bytes);
    } else if (key.starts_with(EntryPrefix())) {
      const auto entry = Parse<Entry>(bytes);
      SetAccepted(node, entry.index(), {entry.ballot(), ValueOf(entry)}, committed);
    } else if (key == kDecisionKey) {
      HearDecided(node, 1, CommandValue(Parse<Decision>(bytes).value()));
    } else if (key == kSnapshotKey) {
      const Slot index = Parse<Snapshot>(bytes).index();
      AcceptorRecord& record = ledger_.acceptor(node);
      record.snapshot = std::max(record.snapshot, index);
      committed = std::max(committed, index);
    }
  }
  if (data.contains(kAcceptorKey) || data.contains(kPromiseKey)) SetPromise(node, promised);
  SetCommitted(node, committed);
}

void Watch::SetPromise(NodeId node, const Ballot& ballot) {
  AcceptorRecord& record = ledger_.acceptor(node);
  if (record.promised == ballot) return;
  TellRules(node, [&](Rule& rule) { rule.DiskPromises(node, ballot); });
  record.promised = ballot;
  if (ballot.node() == node) {  // a proposer's promise to itself needs no message
    Promise own{.committed = record.snapshot, .accepted = record.accepted};
    ledger_.promises(ballot).try_emplace(node, std::move(own));
  }
}

void Watch::SetAccepted(NodeId node, Slot slot, const Accepted& accepted, Slot committed) {
  AcceptorRecord& record = ledger_.acceptor(node);
  Accepted& known = record.accepted[slot];
  if (known.ballot == accepted.ballot && known.value == accepted.value) return;
  if (slot <= committed) {  // decided elsewhere, and fetched
    HearDecided(node, slot, accepted.value);
  } else {
    TellRules(node, [&](Rule& rule) { rule.DiskAccepts(node, slot, accepted); });
    ledger_.NoteProposal(slot, accepted.ballot, accepted.value);
    ledger_.AddAccept(node, slot, accepted.ballot, accepted.value);
  }
  known = accepted;
}

void Watch::SetCommitted(NodeId node, Slot committed) {
  AcceptorRecord& record = ledger_.acceptor(node);
  if (committed <= record.committed) return;
  record.committed = committed;
  HearDecidedUpTo(node, committed);
}

void Watch::OnCrash(NodeId node, const sim::Disk& disk) {
  // Writes that were under way may have survived.
  AcceptorRecord& record = ledger_.acceptor(node);
  std::erase_if(record.accepted, [&](const auto& slot_and_accepted) {
    return !disk.durable().contains(EntryKey(slot_and_accepted.first)) &&
           !disk.durable().contains(kAcceptorKey);
  });
  ReadDisk(node, disk.durable());
}

void Watch::OnBoot(NodeId node, const sim::Disk& disk) {
  AcceptorRecord& record = ledger_.acceptor(node);
  if (!disk.booted_before || !disk.durable().empty()) return;
  record = AcceptorRecord();
  record.lost = true;
}

void Watch::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                     std::string_view request) {
  log::RegisterCommand command;
  if (path == kPropose.path) {
    ledger_.proposed.insert(CommandValue(Parse<ProposeRequest>(request).value()));
  } else if (path == log::kAppend.path) {
    command.set_append(Parse<log::AppendRequest>(request).value());
    ledger_.proposed.insert(CommandValue(command.SerializeAsString()));
  } else if (path == log::kPut.path) {
    command.set_put(Parse<log::PutRequest>(request).value());
    ledger_.proposed.insert(CommandValue(command.SerializeAsString()));
  }
}

void Watch::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                     const absl::Status& status, std::string_view response) {
  if (status.ok() && path == kPropose.path) {
    HearDecided(node, 1, CommandValue(Parse<ProposeResponse>(response).value()));
  }
}

}  // namespace quorum::grader::paxos
