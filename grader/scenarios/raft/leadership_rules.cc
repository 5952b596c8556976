#include "grader/scenarios/raft/leadership_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/log/register.h"

namespace quorum::grader::raft {
namespace {

using quorum::raft::kAppendEntries;
using quorum::raft::kInstallSnapshot;

constexpr Statement kTermsBegin = {
    "raft.terms-begin-with-candidates",
    "A term begins with a server that stands for election in it. Nobody enters it before: neither "
    "because of a PreVote that asks about it, nor to ask one.",
    "Raft, section 5.2; Ongaro's thesis, section 9.6; handout 3F, step 2"};
constexpr Statement kAsksFirst = {
    "raft.asks-first",
    "With \"pre-vote\", a server stands for election in a term only after a majority has answered "
    "that it would vote for it in that term, or after the leader has told it to stand.",
    "Ongaro's thesis, sections 9.6 and 3.10; handout 3F, step 2"};
constexpr Statement kProtectsLeader = {
    "raft.protects-leader",
    "A server that has heard from a leader within the minimum election timeout answers no PreVote "
    "with yes. With \"check-quorum\" it also grants no vote, unless the leader has told the "
    "candidate to stand; also if it has died and booted since then.",
    "Ongaro's thesis, sections 4.2.3, 6.4.1 and 9.6; raft.proto; handout 3F, step 4"};
constexpr Statement kReadsAreConfirmed = {
    "raft.reads-are-confirmed",
    "A leader answers a read only after a majority has answered messages that it sent after the "
    "read was asked for. With \"lease-reads\" they may have been sent before, by less than the "
    "minimum election timeout on the fastest clock within the bound.",
    "Ongaro's thesis, sections 6.4 (step 3) and 6.4.1; handout 3B, step 8, and 3F, step 7"};
constexpr Statement kReadsAfterOwnEntry = {
    "raft.reads-after-own-entry",
    "A leader answers reads only when an entry of its own term is committed: before, it does not "
    "know what is.",
    "Raft, section 8; Ongaro's thesis, section 6.4 (step 1); handout 3F, step 7"};
constexpr Statement kTransfersToEquals = {
    "raft.transfers-to-equals",
    "A leader sends TimeoutNow only to a server that holds all that the leader has sent to "
    "anybody: "
    "otherwise that server could not be elected, or not soon.",
    "Ongaro's thesis, section 3.10 (step 2); handout 3F, step 5"};

bool FromLeader(std::string_view path) {
  return path == kAppendEntries.path || path == kInstallSnapshot.path;
}

double Milliseconds(sim::SimTime time) { return static_cast<double>(time) / 1e6; }

}  // namespace

sim::SimTime ShortestPromise(std::uint32_t clock_rate_bound_ppm) {
  constexpr sim::SimTime kMillion = 1'000'000;
  return quorum::raft::kMinimumElectionTimeout.count() * kMillion /
         (kMillion + static_cast<sim::SimTime>(clock_rate_bound_ppm));
}

TermsBeginWithCandidates::TermsBeginWithCandidates(sim::World& world, Ledger& ledger)
    : Rule(world, kTermsBegin, ledger) {}

void TermsBeginWithCandidates::Speaks(NodeId from, Term term) {
  Term& latest = ledger().spoken_of();
  if (term <= latest) return;
  latest = term;
  if (ledger().votes(term, from).contains(from)) return;
  Violated(
      fmt::format("Server {} says that it is in term {}, in which it has not voted for itself; "
                  "and nobody else was in that term before.",
                  from, term),
      from);
}

AsksFirst::AsksFirst(sim::World& world, Ledger& ledger) : Rule(world, kAsksFirst, ledger) {}

void AsksFirst::GrantsPreVote(NodeId from, NodeId candidate, Term next_term, std::uint64_t) {
  willing_[{next_term, candidate}].insert(from);
}

void AsksFirst::TellsToStand(NodeId, NodeId target, Term term) { told_.emplace(term + 1, target); }

void AsksFirst::Stands(NodeId from, Term term, const Candidacy&) {
  std::set<NodeId>& willing = willing_[{term, from}];
  willing.insert(from);
  const Membership& membership = ledger().MembershipOfCandidate(term, from);
  if (membership.IsQuorum(willing) || told_.contains({term, from})) return;
  Violated(fmt::format("Server {} stands for election in term {}. These would vote for it: {}. The "
                       "voters that its log names: {}.",
                       from, term, fmt::join(willing, ", "), NameMembers(membership)),
           from);
}

ProtectsLeader::ProtectsLeader(sim::World& world, Ledger& ledger, const Watch& watch,
                               const LeadershipOptions& options)
    : Rule(world, kProtectsLeader, ledger),
      watch_(watch),
      options_(options),
      promise_(ShortestPromise(options.clock_rate_bound_ppm)) {}

void ProtectsLeader::OnDeliver(const sim::Message& message, std::string_view path) {
  const bool asks = path == quorum::raft::kRequestVote.path || path == quorum::raft::kPreVote.path;
  if (!message.is_response && (asks || FromLeader(path))) delivered_[message.id] = world().now();
}

void ProtectsLeader::AnswersLeader(NodeId from, NodeId leader, Term, std::uint64_t request) {
  if (watch_.IsPuppet(from)) return;
  std::deque<Heard>& heard = heard_[from];
  heard.push_back({delivered_[request], leader});
  while (!heard.empty() && heard.front().at + promise_ < world().now()) heard.pop_front();
}

void ProtectsLeader::GrantsPreVote(NodeId from, NodeId candidate, Term next_term,
                                   std::uint64_t request) {
  Judge(from, candidate, next_term, "would vote", request);
}

void ProtectsLeader::GrantsRequest(NodeId from, NodeId candidate, Term term, bool transfer,
                                   std::uint64_t request) {
  if (options_.check_quorum && !transfer) Judge(from, candidate, term, "votes", request);
}

void ProtectsLeader::Judge(NodeId voter, NodeId candidate, Term term, const char* what,
                           std::uint64_t request) {
  const auto heard = heard_.find(voter);
  if (heard == heard_.end()) return;
  // It has decided between the two.
  const sim::SimTime asked = delivered_[request];
  const sim::SimTime answered = world().now();
  for (const auto& [at, leader] : heard->second) {
    if (at >= asked || answered >= at + promise_) continue;
    return Violated(
        fmt::format("Server {} {} for server {} in term {}, {:.3f} ms after it has heard from "
                    "server {}, which leads; by any clock within the bound that is less than the "
                    "minimum election timeout of {} ms.",
                    voter, what, candidate, term, Milliseconds(answered - at), leader,
                    quorum::raft::kMinimumElectionTimeout.count() / 1'000'000),
        voter);
  }
}

ReadsAreConfirmed::ReadsAreConfirmed(sim::World& world, Ledger& ledger,
                                     const LeadershipOptions& options)
    : Rule(world, kReadsAreConfirmed, ledger),
      lease_(options.lease_reads && options.check_quorum
                 ? ShortestPromise(options.clock_rate_bound_ppm)
                 : 0) {}

void ReadsAreConfirmed::OnSend(const sim::Message& message, std::string_view path) {
  if (!message.is_response && FromLeader(path)) sent_.emplace(message.id, world().now());
}

void ReadsAreConfirmed::AnswersLeader(NodeId, NodeId, Term term, std::uint64_t request) {
  accepted_[request] = term;
}

void ReadsAreConfirmed::OnDeliver(const sim::Message& message, std::string_view path) {
  if (!message.is_response || !message.status.ok() || !FromLeader(path)) return;
  const std::uint64_t request = sim::RequestOf(message.id);
  const auto accepted = accepted_.find(request);
  if (accepted == accepted_.end()) return;
  sim::SimTime& latest = confirmed_[message.to][accepted->second][message.from];
  latest = std::max(latest, sent_[request]);
}

void ReadsAreConfirmed::OnInvoke(NodeId, std::uint64_t op, std::string_view path,
                                 std::string_view) {
  if (path == log::kRead.path) asked_[op] = world().now();
}

std::set<NodeId> ReadsAreConfirmed::Confirmed(NodeId leader, sim::SimTime since) const {
  std::set<NodeId> most = {leader};
  const auto terms = confirmed_.find(leader);
  if (terms == confirmed_.end()) return most;
  for (const auto& [term, followers] : terms->second) {
    std::set<NodeId> confirmed = {leader};
    for (const auto& [follower, sent] : followers) {
      if (sent >= since) confirmed.insert(follower);
    }
    if (confirmed.size() > most.size()) most = confirmed;
  }
  return most;
}

void ReadsAreConfirmed::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                                 const absl::Status& status, std::string_view response) {
  if (path != log::kRead.path || !status.ok()) return;
  log::ReadResponse read;
  read.ParseFromArray(response.data(), static_cast<int>(response.size()));
  if (!read.confirmed()) return;
  const sim::SimTime since = asked_[op] - lease_;
  const std::set<NodeId> confirmed = Confirmed(node, since);
  if (ledger().first()->IsQuorum(confirmed)) return;
  // It may have used any configuration in its log, until the read was released.
  for (const auto& [index, membership] : ledger().server(node).memberships) {
    if (membership->IsQuorum(confirmed)) return;
  }
  Violated(fmt::format("Server {} was asked to read at {:.3f} ms, and has answered. These have "
                       "answered what it has sent since {:.3f} ms: {}. The voters that its log "
                       "names: {}.",
                       node, Milliseconds(asked_[op]), Milliseconds(since),
                       fmt::join(confirmed, ", "), NameMembers(*ledger().MembershipOf(node))),
           node);
}

ReadsAfterOwnEntry::ReadsAfterOwnEntry(sim::World& world, Ledger& ledger)
    : Rule(world, kReadsAfterOwnEntry, ledger) {}

void ReadsAfterOwnEntry::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                                  std::string_view) {
  if (path != log::kRead.path) return;
  Term& led = led_[op];
  for (const auto& [term, leader] : ledger().leaders()) {
    if (leader == node) led = term;
  }
}

void ReadsAfterOwnEntry::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                                  const absl::Status& status, std::string_view response) {
  if (path != log::kRead.path || !status.ok()) return;
  log::ReadResponse read;
  read.ParseFromArray(response.data(), static_cast<int>(response.size()));
  if (!read.confirmed()) return;
  const CommittedEntry* last = ledger().Committed(ledger().committed_up_to());
  const Term committed_in = last == nullptr ? 0 : last->in_term;
  if (committed_in >= led_[op]) return;
  Violated(
      fmt::format("Server {} leads term {} and answers a read; the last entry that is committed "
                  "was committed in term {}.",
                  node, led_[op], committed_in),
      node);
}

TransfersToEquals::TransfersToEquals(sim::World& world, Ledger& ledger, const Watch& watch)
    : Rule(world, kTransfersToEquals, ledger), watch_(watch) {}

void TransfersToEquals::Appends(const AppendMessage& message) {
  auto& sent = sent_[{message.from, message.term}];
  sent = std::max(sent, {message.last_index(), message.last_term()});
}

void TransfersToEquals::TellsToStand(NodeId from, NodeId target, Term term) {
  const auto sent = sent_.find({from, term});
  if (sent == sent_.end()) return;
  const auto& [index, last_term] = sent->second;
  if (watch_.IsPuppet(target)) return;  // it has no disk to look at
  const ServerRecord& record = ledger().server(target);
  if (record.lost) return;  // it had acknowledged them before
  if (record.snapshot_index >= index || record.TermAt(index) == last_term) return;
  Violated(
      fmt::format("Server {} leads term {} and has sent entries up to index {} of term {}. It "
                  "tells server {} to stand for election, whose disk has a log up to index {} "
                  "of term {}.",
                  from, term, index, last_term, target, record.last_index(), record.last_term()),
      from);
}

void WatchLeadershipRules(Stage& stage, Watch& watch, Ledger& ledger,
                          const LeadershipOptions& options) {
  watch.Add(stage.Watch<TermsBeginWithCandidates>(ledger));
  watch.Add(stage.Watch<TransfersToEquals>(ledger, watch));
  watch.Add(stage.Watch<ReadsAfterOwnEntry>(ledger));
  // What is promised for a time is only as good as the clocks.
  if (options.clocks_keep_bound) watch.Add(stage.Watch<ReadsAreConfirmed>(ledger, options));
  if (options.pre_vote) watch.Add(stage.Watch<AsksFirst>(ledger));
  if (options.clocks_keep_bound && (options.pre_vote || options.check_quorum)) {
    watch.Add(stage.Watch<ProtectsLeader>(ledger, watch, options));
  }
}

}  // namespace quorum::grader::raft
