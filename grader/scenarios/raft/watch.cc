#include "grader/scenarios/raft/watch.h"

#include "grader/scenarios/parse.h"
#include "grader/scenarios/raft/reading.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

/// The same into `message`, whose buffers are used again.
template <class Message>
const Message& ParseInto(Message& message, std::string_view bytes) {
  message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return message;
}

/// The last configuration among the entries, and its index; null: there is none.
std::pair<LogIndex, MembershipPtr> LastMembership(const AppendMessage& message) {
  for (auto at = message.entries.rbegin(); at != message.entries.rend(); ++at) {
    if (at->second.membership) return {at->first, at->second.membership};
  }
  return {};
}

}  // namespace

void Watch::OnSend(const sim::Message& message, std::string_view path) {
  if (puppets_.contains(message.from)) HearPuppet(message, path);
  if (!message.is_response) return HearRequest(message, path);
  if (message.status.ok()) HearResponse(message, path);
}

void Watch::HearRequest(const sim::Message& message, std::string_view path) {
  if (path == kAppendEntries.path) return HearAppend(message);
  if (path == kRequestVote.path) {
    const auto request = Parse<RequestVoteRequest>(message.payload);
    const Candidacy candidacy = {request.last_log_index(), request.last_log_term()};
    stands_[message.id] = {request.term(), request.leadership_transfer()};
    ledger_.candidacies()[{request.term(), message.from}] = candidacy;
    TellRules(message.from, [&](Rule& rule) {
      rule.Speaks(message.from, request.term());
      rule.Stands(message.from, request.term(), candidacy);
    });
  } else if (path == kInstallSnapshot.path) {
    const auto request = Parse<InstallSnapshotRequest>(message.payload);
    snapshots_[message.id] = request.term();
    HearLeader(message.from, request.term());
    const SnapshotMessage piece = {.from = message.from,
                                   .to = message.to,
                                   .term = request.term(),
                                   .index = request.last_included_index(),
                                   .last_term = request.last_included_term(),
                                   .membership = MembershipIn(request)};
    TellRules(message.from, [&](Rule& rule) { rule.SendsSnapshot(piece); });
  } else if (path == kPreVote.path) {
    stands_[message.id] = {Parse<PreVoteRequest>(message.payload).next_term(), false};
  } else if (path == kTimeoutNow.path) {
    const Term term = Parse<TimeoutNowRequest>(message.payload).term();
    TellRules(message.from, [&](Rule& rule) { rule.Speaks(message.from, term); });
    TellAll([&](Rule& rule) { rule.TellsToStand(message.from, message.to, term); });
  }
}

/// Whatever term a puppet says it is in, others may enter.
void Watch::HearPuppet(const sim::Message& message, std::string_view path) {
  const auto note = [this, &message](const auto& kind) {
    ledger_.spoken_of() = std::max<Term>(
        ledger_.spoken_of(), Parse<std::decay_t<decltype(kind)>>(message.payload).term());
  };
  const bool is_response = message.is_response;
  if (path == kAppendEntries.path) {
    is_response ? note(AppendEntriesResponse()) : note(AppendEntriesRequest());
  } else if (path == kRequestVote.path) {
    is_response ? note(RequestVoteResponse()) : note(RequestVoteRequest());
  } else if (path == kInstallSnapshot.path) {
    is_response ? note(InstallSnapshotResponse()) : note(InstallSnapshotRequest());
  } else if (path == kTimeoutNow.path) {
    is_response ? note(TimeoutNowResponse()) : note(TimeoutNowRequest());
  } else if (path == kPreVote.path && is_response) {
    note(PreVoteResponse());
  }
}

void Watch::HearLeader(NodeId from, Term term) {
  TellRules(from, [&](Rule& rule) {
    rule.Speaks(from, term);
    rule.Leads(from, term);
  });
  ledger_.leaders().try_emplace(term, from);
}

void Watch::HearAppend(const sim::Message& message) {
  const AppendEntriesRequest& request = ParseInto(append_request_, message.payload);
  AppendMessage append = Understand(message.from, message.to, request);
  HearLeader(message.from, append.term);
  const auto [index, membership] = LastMembership(append);
  if (membership && !puppets_.contains(message.from)) {
    ledger_.NoteUsed(append.term, index, membership);
  }
  TellRules(message.from, [&](Rule& rule) { rule.Appends(append); });
  if (puppets_.contains(message.from) && append.last_term() == append.term) {
    ledger_.AddHolding(message.from, append.term, append.last_index(), membership);
  }
  if (appends_.size() <= message.id) appends_.resize(message.id + 1);
  appends_[message.id] = std::move(append);
}

void Watch::HearResponse(const sim::Message& message, std::string_view path) {
  if (path == kAppendEntries.path) {
    HearAppended(message);
  } else if (path == kRequestVote.path) {
    HearVote(message);
  } else if (path == kInstallSnapshot.path) {
    const Term term = Parse<InstallSnapshotResponse>(message.payload).term();
    TellRules(message.from, [&](Rule& rule) { rule.Speaks(message.from, term); });
    const std::uint64_t request = sim::RequestOf(message.id);
    if (term != snapshots_[request]) return;
    TellAll([&](Rule& rule) { rule.AnswersLeader(message.from, message.to, term, request); });
  } else if (path == kPreVote.path) {
    HearPreVote(message);
  } else if (path == kTimeoutNow.path) {
    const Term term = Parse<TimeoutNowResponse>(message.payload).term();
    TellRules(message.from, [&](Rule& rule) { rule.Speaks(message.from, term); });
  }
}

void Watch::HearPreVote(const sim::Message& message) {
  const auto response = Parse<PreVoteResponse>(message.payload);
  TellRules(message.from, [&](Rule& rule) { rule.Speaks(message.from, response.term()); });
  if (!response.granted()) return;
  const std::uint64_t request = sim::RequestOf(message.id);
  const Term next_term = stands_[request].term;
  TellAll([&](Rule& rule) { rule.GrantsPreVote(message.from, message.to, next_term, request); });
}

void Watch::HearVote(const sim::Message& message) {
  const auto response = Parse<RequestVoteResponse>(message.payload);
  TellRules(message.from, [&](Rule& rule) { rule.Speaks(message.from, response.term()); });
  if (!response.vote_granted()) return;
  const std::uint64_t request = sim::RequestOf(message.id);
  const auto [term, transfer] = stands_[request];
  TellRules(message.from, [&, term = term, transfer = transfer](Rule& rule) {
    rule.Grants(message.from, message.to, term);
    rule.GrantsRequest(message.from, message.to, term, transfer, request);
  });
  // A puppet's word is as good as a disk.
  if (puppets_.contains(message.from)) ledger_.votes(term, message.to).insert(message.from);
}

void Watch::HearAppended(const sim::Message& message) {
  const AppendEntriesResponse& response = ParseInto(append_response_, message.payload);
  TellRules(message.from, [&](Rule& rule) { rule.Speaks(message.from, response.term()); });
  const std::uint64_t id = sim::RequestOf(message.id);
  if (id >= appends_.size()) return;
  const AppendMessage& request = appends_[id];
  if (response.term() == request.term) {
    TellAll([&](Rule& rule) { rule.AnswersLeader(message.from, message.to, request.term, id); });
  }
  if (!response.success()) return;
  TellRules(message.from, [&](Rule& rule) { rule.SaysAppended(message.from, request); });
  if (puppets_.contains(message.from) && request.last_term() == request.term) {
    ledger_.AddHolding(message.from, request.term, request.last_index(), nullptr);
  }
}

void Watch::OnDurable(NodeId node, const WriteBatch& batch) {
  Change(node, ReadBatch(batch, entry_));
}

void Watch::OnSurvived(NodeId node, const WriteBatch& batch) { OnDurable(node, batch); }

void Watch::Change(NodeId node, const DiskChange& change) {
  TellRules(node, [&](Rule& rule) { rule.DiskChanges(node, change); });
  ServerRecord& record = ledger_.server(node);
  if (change.state) {
    std::tie(record.term, record.voted_for) = *change.state;
    if (record.voted_for != 0) ledger_.votes(record.term, record.voted_for).insert(node);
  }
  ChangeLog(record, change);
  if (change.state && record.voted_for == node) ledger_.NoteCandidate(record.term, node);
  if (!change.entries.empty() && record.last_term() == record.term) {
    ledger_.AddHolding(node, record.term, record.last_index(), ledger_.MembershipOf(node));
  }
  TellRules(node, [&](Rule& rule) { rule.DiskChanged(node, change); });
}

void Watch::ChangeLog(ServerRecord& record, const DiskChange& change) {
  for (const auto& [index, entry] : change.entries) {
    record.memberships.erase(index);
    entry ? void(record.log[index] = *entry) : void(record.log.erase(index));
    if (entry && entry->membership) record.memberships[index] = entry->membership;
  }
  if (!change.snapshot) return;
  std::tie(record.snapshot_index, record.snapshot_term) = *change.snapshot;
  auto& known = record.memberships;
  known.erase(known.begin(), known.upper_bound(record.snapshot_index));
  known[record.snapshot_index] =
      change.snapshot_membership ? change.snapshot_membership : ledger_.first();
}

void Watch::OnBoot(NodeId node, const sim::Disk& disk) {
  if (!disk.durable().empty()) return;
  // If no fsync had ever returned, nobody has heard of what was on it: it begins anew.
  ledger_.server(node) = ServerRecord();
  ledger_.server(node).lost = disk.booted_before;
}

}  // namespace quorum::grader::raft
