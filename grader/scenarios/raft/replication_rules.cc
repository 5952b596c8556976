#include <fmt/format.h>

#include <algorithm>

#include "grader/scenarios/raft/membership_rules.h"
#include "grader/scenarios/raft/rules.h"
#include "grader/scenarios/raft/statements.h"

namespace quorum::grader::raft {

LeaderAppendOnly::LeaderAppendOnly(sim::World& world, Ledger& ledger)
    : Rule(world, kLeaderAppendOnly, ledger) {}

void LeaderAppendOnly::DiskChanges(NodeId node, const DiskChange& change) {
  const ServerRecord& record = ledger().server(node);
  const auto leads = ledger().leaders().find(record.term);
  if (leads == ledger().leaders().end() || leads->second != node) return;
  if (change.state && change.state->first != record.term) return;
  const LogIndex covered = change.snapshot ? change.snapshot->first : record.snapshot_index;
  for (const auto& [index, entry] : change.entries) {
    const auto before = record.log.find(index);
    if (index <= covered || before == record.log.end() || entry == before->second) continue;
    return Violated(fmt::format("Server {}, which leads term {}, {} {} at index {} of its log.",
                                node, record.term, entry ? "overwrites" : "deletes",
                                Show(before->second.value), index),
                    node);
  }
}

LogMatching::LogMatching(sim::World& world, Ledger& ledger) : Rule(world, kLogMatching, ledger) {}

void LogMatching::DiskChanged(NodeId node, const DiskChange& change) {
  const ServerRecord& record = ledger().server(node);
  for (const auto& [index, entry] : change.entries) {
    if (!entry || index <= record.snapshot_index) continue;
    const std::optional<Term> prev = record.TermAt(index - 1);
    if (!prev) {
      return Violated(fmt::format("The log of server {} has an entry at index {}, and none before "
                                  "it.",
                                  node, index),
                      node);
    }
    const auto [first, fresh] =
        first_.emplace(std::pair(index, entry->term), First{node, *entry, *prev});
    if (fresh) continue;
    const First& other = first->second;
    if (other.entry == *entry && other.prev_term == *prev) continue;
    return Violated(
        fmt::format("At index {}, term {}, the log of server {} has {} behind an entry of term {}; "
                    "that of server {} had {} behind an entry of term {}.",
                    index, entry->term, node, Show(entry->value), *prev, other.node,
                    Show(other.entry.value), other.prev_term),
        node);
  }
}

LeaderCompleteness::LeaderCompleteness(sim::World& world, Ledger& ledger)
    : Rule(world, kLeaderCompleteness, ledger) {}

void LeaderCompleteness::Leads(NodeId from, Term term) {
  if (ledger().leaders().contains(term)) return;  // judged when it began
  const ServerRecord& record = ledger().server(from);
  if (record.term != term) return;  // its disk is ahead of what leaves now
  for (LogIndex index = ledger().committed_up_to(); index > record.snapshot_index; --index) {
    const CommittedEntry& committed = *ledger().Committed(index);
    if (committed.in_term >= term) continue;
    if (record.TermAt(index) == committed.entry.term) return;  // and so is all before it
    return Violated(
        fmt::format("Server {} leads term {}; at index {}, where {} was committed in "
                    "term {}, its log has {}.",
                    from, term, index, Show(committed.entry.value), committed.in_term,
                    record.TermAt(index) ? fmt::format("an entry of term {}", *record.TermAt(index))
                                         : "nothing"),
        from);
  }
}

CommittedStays::CommittedStays(sim::World& world, Ledger& ledger)
    : Rule(world, kCommittedStays, ledger) {}

void CommittedStays::DiskChanges(NodeId node, const DiskChange& change) {
  const ServerRecord& record = ledger().server(node);
  const Term term = change.state ? change.state->first : record.term;
  const LogIndex covered = change.snapshot ? change.snapshot->first : record.snapshot_index;
  for (const auto& [index, entry] : change.entries) {
    const auto before = record.log.find(index);
    if (index <= covered || before == record.log.end() || entry == before->second) continue;
    const CommittedEntry* committed = ledger().Committed(index);
    if (committed == nullptr || committed->entry != before->second) continue;
    if (term < committed->in_term) continue;  // an earlier leader's conflict
    return Violated(fmt::format("Server {}, in term {}, {} {} at index {}, which was committed in "
                                "term {}.",
                                node, term, entry ? "overwrites" : "deletes",
                                Show(before->second.value), index, committed->in_term),
                    node);
  }
}

SendsItsLog::SendsItsLog(sim::World& world, Ledger& ledger) : Rule(world, kSendsItsLog, ledger) {}

void SendsItsLog::Appends(const AppendMessage& message) {
  const ServerRecord& record = ledger().server(message.from);
  LogIndex expected = message.prev_index + 1;
  for (const auto& [index, entry] : message.entries) {
    if (index != expected++) {
      return Violated(
          fmt::format("Server {} sends server {} an entry of index {} where that of "
                      "index {} belongs, behind index {}.",
                      message.from, message.to, index, expected - 1, message.prev_index),
          message.from);
    }
  }
  if (record.term != message.term) return;  // its disk is ahead of what leaves now
  // What a snapshot has replaced since cannot be compared any more.
  if (message.prev_index >= record.snapshot_index && !HasPrev(record, message)) {
    return Violated(
        fmt::format("Server {} tells server {} that its entry at index {} is of term {}; on its "
                    "disk {}.",
                    message.from, message.to, message.prev_index, message.prev_term,
                    record.TermAt(message.prev_index)
                        ? fmt::format("it is of term {}", *record.TermAt(message.prev_index))
                        : "there is none yet, and what it adds is of its own term"),
        message.from);
  }
  for (const auto& [index, entry] : message.entries) {
    if (index <= record.snapshot_index || HasEntry(record, message, index, entry)) continue;
    return Violated(fmt::format("Server {} sends server {} {} of term {} for index {}; that is not "
                                "what its own log has on disk, nor {}.",
                                message.from, message.to, Show(entry.value), entry.term, index,
                                entry.term == message.term ? "what it has sent before"
                                                           : "what a leader of its term adds"),
                    message.from);
  }
}

bool SendsItsLog::HasPrev(const ServerRecord& record, const AppendMessage& message) {
  if (message.prev_index <= record.last_index()) {
    return record.TermAt(message.prev_index) == message.prev_term;
  }
  return message.prev_term == message.term;
}

bool SendsItsLog::HasEntry(const ServerRecord& record, const AppendMessage& message, LogIndex index,
                           const LogEntry& entry) {
  if (index <= record.last_index()) {
    const auto own = record.log.find(index);
    return own != record.log.end() && own->second == entry;
  }
  Ahead& ahead = ahead_[message.from];
  if (ahead.term != message.term) ahead = {message.term};
  return entry.term == message.term && ahead.sent.emplace(index, entry).first->second == entry;
}

void SendsItsLog::DiskChanges(NodeId node, const DiskChange& change) {
  const auto found = ahead_.find(node);
  if (found == ahead_.end()) return;
  auto& [term, sent] = found->second;
  const Term now = change.state ? change.state->first : ledger().server(node).term;
  if (now != term) return void(ahead_.erase(found));  // it leads no more
  for (const auto& [index, entry] : change.entries) {
    const auto told = sent.extract(index);
    if (!told || !entry || *entry == told.mapped()) continue;
    return Violated(
        fmt::format("Server {} has sent {} for index {} of term {}, and now writes {} "
                    "of term {} there.",
                    node, Show(told.mapped().value), index, term, Show(entry->value), entry->term),
        node);
  }
}

SuccessIsDurable::SuccessIsDurable(sim::World& world, Ledger& ledger)
    : Rule(world, kSuccessIsDurable, ledger) {}

void SuccessIsDurable::SaysAppended(NodeId from, const AppendMessage& request) {
  const ServerRecord& record = ledger().server(from);
  if (record.term != request.term) return;  // its disk is ahead of what leaves now
  const auto agrees = [&](LogIndex index, Term term) {
    return index <= record.snapshot_index || record.TermAt(index) == term;
  };
  LogIndex index = request.prev_index;
  bool all = agrees(index, request.prev_term);
  for (auto entry = request.entries.begin(); all && entry != request.entries.end(); ++entry) {
    index = entry->first;
    all = agrees(index, entry->second.term);
  }
  if (all) return;
  Violated(
      fmt::format("Server {} answers server {} that its log holds the entries up to index {}; "
                  "at index {} its disk has {}.",
                  from, request.from, request.last_index(), index,
                  record.TermAt(index) ? fmt::format("an entry of term {}", *record.TermAt(index))
                                       : "nothing"),
      from);
}

CommitIsBacked::CommitIsBacked(sim::World& world, Ledger& ledger)
    : Rule(world, kCommitIsBacked, ledger) {}

void CommitIsBacked::Appends(const AppendMessage& message) {
  const LogIndex committed = ledger().committed_up_to();
  if (message.leader_commit <= committed) return;
  Violated(fmt::format("Server {}, which leads term {}, says that the log is committed up to index "
                       "{}; it is up to index {}. {}",
                       message.from, message.term, message.leader_commit, committed,
                       WhyNot(message.from, message.term, message.leader_commit)),
           message.from);
}

void CommitIsBacked::Applied(NodeId node, LogIndex index, std::string_view, const std::string&) {
  const auto leads = ledger().leaders().find(ledger().server(node).term);
  if (leads == ledger().leaders().end() || leads->second != node) return;
  const LogIndex committed = ledger().committed_up_to();
  if (index <= committed) return;
  Violated(fmt::format("Server {}, which leads term {}, applies the entry at index {}; the log is "
                       "committed up to index {}. {}",
                       node, leads->first, index, committed, WhyNot(node, leads->first, index)),
           node);
}

std::string CommitIsBacked::WhyNot(NodeId leader, Term term, LogIndex index) const {
  const auto record = ledger().servers().find(leader);
  const bool known = record != ledger().servers().end();
  const Term of = known ? record->second.TermAt(index).value_or(term) : term;
  const bool earlier = of < term;
  std::vector<NodeId> holders;
  for (const NodeId node : ledger().MembershipOf(leader)->voters) {
    if (ledger().HoldingOf(term, node) >= (earlier ? 1 : index)) holders.push_back(node);
  }
  const std::string told =
      earlier ? fmt::format(
                    "The entry there is of term {}: whoever has it, it is committed only with "
                    "one of term {} behind it. Who has one of those",
                    of, term)
              : "Who has the leader's log up to there";
  return fmt::format("{}: {}.", told,
                     holders.empty() ? "nobody" : fmt::format("{}", fmt::join(holders, ", ")));
}

CommitNeverFalls::CommitNeverFalls(sim::World& world, Ledger& ledger)
    : Rule(world, kCommitNeverFalls, ledger) {}

void CommitNeverFalls::Appends(const AppendMessage& message) {
  LogIndex& last = last_[message.from];
  if (message.leader_commit < last) {
    return Violated(fmt::format("Server {} says that its commit index is {}; it was {} before.",
                                message.from, message.leader_commit, last),
                    message.from);
  }
  last = message.leader_commit;
}

void CommitNeverFalls::Stands(NodeId from, Term term, const Candidacy& candidacy) {
  // What it sends as this term's leader it makes after it has stood, and has applied this by now.
  last_[from] = std::max(last_[from], applied_[from]);
}

SnapshotIsCommitted::SnapshotIsCommitted(sim::World& world, Ledger& ledger)
    : Rule(world, kSnapshotIsCommitted, ledger) {}

void SnapshotIsCommitted::DiskChanges(NodeId node, const DiskChange& change) {
  if (change.snapshot) Judge(node, "has", change.snapshot->first, change.snapshot->second);
}

void SnapshotIsCommitted::SendsSnapshot(const SnapshotMessage& message) {
  Judge(message.from, "sends", message.index, message.last_term);
}

void SnapshotIsCommitted::Judge(NodeId node, const char* has, LogIndex index, Term last_term) {
  const CommittedEntry* committed = ledger().Committed(index);
  if (committed != nullptr && committed->entry.term == last_term) return;
  Violated(
      fmt::format(
          "Server {} {} a snapshot up to index {} of term {}; {}.", node, has, index, last_term,
          committed == nullptr
              ? fmt::format("the log is committed up to index {}", ledger().committed_up_to())
              : fmt::format("the entry there is of term {}", committed->entry.term)),
      node);
}

void WatchRules(Stage& stage, Watch& watch, Tap& tap, Ledger& ledger) {
  watch.Add(stage.Watch<TermNeverFalls>(ledger));
  watch.Add(stage.Watch<OneVoteATerm>(ledger));
  watch.Add(stage.Watch<VotesForUpToDate>(ledger));
  watch.Add(stage.Watch<LostDiskIsSilent>(ledger));
  watch.Add(stage.Watch<VoteIsDurable>(ledger));
  watch.Add(stage.Watch<TermIsDurable>(ledger));
  watch.Add(stage.Watch<CandidateTellsItsLog>(ledger));
  watch.Add(stage.Watch<ElectedByMajority>(ledger));
  watch.Add(stage.Watch<ElectionSafety>(ledger));
  watch.Add(stage.Watch<LeaderCompleteness>(ledger));
  watch.Add(stage.Watch<LeaderAppendOnly>(ledger));
  watch.Add(stage.Watch<CommittedStays>(ledger));
  watch.Add(stage.Watch<LogMatching>(ledger));
  watch.Add(stage.Watch<SuccessIsDurable>(ledger));
  watch.Add(stage.Watch<SendsItsLog>(ledger));
  auto& commit_is_backed = stage.Watch<CommitIsBacked>(ledger);
  watch.Add(commit_is_backed);
  tap.Add(commit_is_backed);
  auto& commit_never_falls = stage.Watch<CommitNeverFalls>(ledger);
  watch.Add(commit_never_falls);
  tap.Add(commit_never_falls);
  watch.Add(stage.Watch<SnapshotIsCommitted>(ledger));
  WatchMembershipRules(stage, watch, ledger);
}

}  // namespace quorum::grader::raft
