#include "plain_raft.h"

#include <functional>

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLook = 20ms;
constexpr Duration kHeartbeat = 60ms;
constexpr Duration kCallTimeout = 150ms;
constexpr Duration kShortest = 400ms;
constexpr Duration kLongest = 800ms;
constexpr std::size_t kMostEntries = 16;
constexpr std::size_t kPiece = 64 << 10;
constexpr LogIndex kMostUncommitted = 500;

bool Has(const NodeConfig& config, std::string_view feature) {
  return std::find(config.features().begin(), config.features().end(), feature) !=
         config.features().end();
}

}  // namespace

PlainRaft::PlainRaft(Env& env, const NodeConfig& config, StateMachine& machine)
    : env_(env),
      config_(config),
      machine_(machine),
      most_(Has(config, "one-entry") ? 1 : kMostEntries),
      disregards_(Has(config, "membership") || Has(config, "check-quorum")),
      asks_first_(Has(config, "pre-vote")),
      watches_quorum_(Has(config, "check-quorum")),
      leases_(watches_quorum_ && Has(config, "lease-reads")) {
  Load(config);
  const auto serve = [this](const auto& method, auto handle) {
    env_.Serve(method, [this, handle](const auto& request, auto responder) {
      if (lost_) return responder.Fail(absl::FailedPreconditionError("The disk was lost."));
      const auto response = (this->*handle)(request);
      if (full_) return responder.Fail(absl::ResourceExhaustedError("The disk is full."));
      responder.Reply(response);
      Apply();
    });
  };
  serve(kRequestVote, &PlainRaft::Vote);
  serve(kAppendEntries, &PlainRaft::Append);
  serve(kInstallSnapshot, &PlainRaft::Install);
  serve(kPreVote, &PlainRaft::Willing);
  serve(kTimeoutNow, &PlainRaft::StandNow);
  env_.Serve(kTransferLeadership, [this](const auto& request, auto responder) {
    if (lost_) return responder.Fail(absl::FailedPreconditionError("The disk was lost."));
    StartHandOver(request, std::move(responder));
  });
  env_.Serve(kChangeMembership, [this](const auto& request, auto responder) {
    if (lost_) return responder.Fail(absl::FailedPreconditionError("The disk was lost."));
    StartChange(request, std::move(responder));
  });
  if (lost_) return;
  commit_ = base();
  Apply();
  heard_ = env_.Now();
  if (watches_quorum_) loyal_since_ = heard_;
  patience_ = env_.RandomBetween(kShortest, kLongest);
  Look();
}

void PlainRaft::Look() {
  look_ = env_.After(kLook, [this] { Look(); });
  const Time now = env_.Now();
  GoOnHandOver();
  if (leads_) WatchQuorum();
  if (change_) GoOnChange();
  if (leads_) {
    for (auto& [id, peer] : peers_) {
      if (now - peer.sent >= kHeartbeat) Send(id, peer);
    }
  } else if (now - heard_ > patience_) {
    patience_ = env_.RandomBetween(kShortest, kLongest);
    heard_ = now;
    if (!MayStand()) return void(leader_ = 0);
    asks_first_ ? Ask() : Stand();
  }
}

void PlainRaft::Stand(bool told) {
  asks_ = false;
  stands_ = SetTerm(term() + 1, config_.self()).ok();
  if (!stands_) return;
  leader_ = 0;
  votes_ = {config_.self()};
  RequestVoteRequest request;
  request.set_term(term());
  request.set_candidate_id(config_.self());
  request.set_last_log_index(last());
  request.set_last_log_term(TermOf(last()));
  request.set_leadership_transfer(told);
  for (const NodeId id : OtherVoters()) {
    env_.Call(id, kRequestVote, request, kCallTimeout,
              [this, id, asked = term()](const auto& response) {
                if (!response.ok()) return;
                if (response->term() > term()) return StepDown(response->term());
                if (!stands_ || asked != term() || !response->vote_granted()) return;
                votes_.insert(id);
                if (Enough([this](NodeId voter) { return votes_.contains(voter); })) Lead();
              });
  }
  if (Enough([this](NodeId voter) { return votes_.contains(voter); })) Lead();
}

void PlainRaft::Lead() {
  stands_ = false;
  gave_way_ = false;
  watch_began_ = env_.Now();
  leads_ = true;
  leader_ = config_.self();
  peers_.clear();
  ChoosePeers();
  Entry entry;
  entry.set_no_op(true);
  own_ = last() + 1;
  Add(entry, {});
}

void PlainRaft::Add(Entry entry, Waiting waiting) {
  entry.set_index(last() + 1);
  entry.set_term(term());
  if (!Replace({entry}).ok()) {
    StepDown(0);
    if (waiting.proposed) waiting.proposed({.kind = ProposeOutcome::Kind::kNotLeader});
    if (waiting.read) waiting.read(absl::UnavailableError("The disk is full."));
    return;
  }
  waiting_[entry.index()] = std::move(waiting);
  if (entry.has_configuration()) ChoosePeers();
  SendToAll();
  Commit();
}

void PlainRaft::SendToAll() {
  for (auto& [id, peer] : peers_) Send(id, peer);
}

void PlainRaft::Send(NodeId id, Peer& peer) {
  if (peer.busy) return;
  if (peer.next <= base()) return SendPiece(id, peer);
  AppendEntriesRequest request;
  request.set_term(term());
  request.set_leader_id(config_.self());
  request.set_prev_log_index(peer.next - 1);
  request.set_prev_log_term(TermOf(peer.next - 1));
  request.set_leader_commit(commit_);
  std::size_t most = most_;
  for (auto at = log_.lower_bound(peer.next); at != log_.end() && most > 0; ++at, --most) {
    *request.add_entries() = at->second;
  }
  const LogIndex agreed = peer.next - 1 + static_cast<LogIndex>(request.entries_size());
  peer.busy = true;
  peer.sent = env_.Now();
  peer.told = commit_;
  env_.Call(id, kAppendEntries, request, kCallTimeout,
            [this, id, agreed, asked = term(), at = peer.sent](const auto& response) {
              if (response.ok() && response->term() > term()) return StepDown(response->term());
              if (!leads_ || asked != term() || !peers_.contains(id)) return;
              Peer& answered = peers_[id];
              answered.busy = false;
              if (!response.ok()) return;
              Answered(id, at);
              if (response->success()) {
                answered.match = std::max(answered.match, agreed);
                answered.next = answered.match + 1;
              } else {
                answered.next = std::clamp<LogIndex>(response->conflict_index(), answered.match + 1,
                                                     answered.next);
              }
              Commit();
              GoOnHandOver();
              if (!leads_ || !peers_.contains(id)) return;
              if (answered.next <= last() || answered.told < commit_) Send(id, answered);
            });
}

void PlainRaft::SendPiece(NodeId id, Peer& peer) {
  const std::string& state = snapshot_.state();
  peer.offset = std::min<std::uint64_t>(peer.offset, state.size());
  InstallSnapshotRequest request;
  request.set_term(term());
  request.set_leader_id(config_.self());
  request.set_last_included_index(base());
  request.set_last_included_term(snapshot_.last_included_term());
  *request.mutable_configuration() = ConfigurationAt(base());
  request.set_offset(peer.offset);
  request.set_data(state.substr(peer.offset, kPiece));
  request.set_done(peer.offset + request.data().size() == state.size());
  peer.busy = true;
  peer.sent = env_.Now();
  env_.Call(id, kInstallSnapshot, request, kCallTimeout,
            [this, id, asked = term(), index = base(), size = state.size(),
             at = peer.sent](const auto& response) {
              if (response.ok() && response->term() > term()) return StepDown(response->term());
              if (!leads_ || asked != term() || !peers_.contains(id)) return;
              Peer& answered = peers_[id];
              answered.busy = false;
              if (!response.ok()) return;
              Answered(id, at);
              answered.offset = index == base() ? response->next_offset() : 0;
              if (response->next_offset() >= size) {
                answered.match = std::max(answered.match, index);
                answered.next = answered.match + 1;
                answered.offset = 0;
              }
              Send(id, answered);
            });
}

void PlainRaft::Commit() {
  if (!leads_) return;
  LogIndex index = last();
  const auto held = [&](NodeId id) {
    return id == config_.self() || (peers_.contains(id) && peers_.at(id).match >= index);
  };
  while (index > commit_ && !Enough(held)) --index;
  if (index <= commit_ || TermOf(index) != term()) return GoOnChange();
  commit_ = index;
  SendToAll();  // followers need not wait for the next command to hear of it
  Apply();
  GoOnChange();
}

void PlainRaft::Apply() {
  if (applying_) return;
  applying_ = true;
  while (applied_ < commit_) {
    if (applied_ < base()) {
      applied_ = base();
      Check(machine_.Restore(applied_, snapshot_.state()).ok(), "A snapshot can be restored.");
      continue;
    }
    const Entry entry = log_.at(++applied_);
    ProposeOutcome outcome{.kind = ProposeOutcome::Kind::kApplied, .index = applied_};
    if (!entry.no_op() && !entry.has_configuration())
      outcome.result = machine_.Apply(applied_, entry.command());
    if (leads_ && applied_ == own_) {
      announced_ = true;
      machine_.OnLeadership(term());
    }
    auto waiting = waiting_.extract(applied_);
    if (!waiting) continue;
    if (waiting.mapped().proposed) waiting.mapped().proposed(outcome);
    if (waiting.mapped().read) waiting.mapped().read(absl::OkStatus());
  }
  applying_ = false;
}

/// Leads and stands no more; enters the term `seen`, if it is a later one.
void PlainRaft::StepDown(Term seen) {
  stands_ = false;
  asks_ = false;
  if (std::exchange(leads_, false)) {
    leader_ = 0;
    heard_ = env_.Now();
    if (std::exchange(announced_, false)) machine_.OnLeadershipLost(term());
    EndChange(ChangeMembershipResponse::UNKNOWN, "This server leads no more.");
    for (auto& [entry, waiting] : std::exchange(held_, {})) {
      waiting.proposed({.kind = ProposeOutcome::Kind::kNotLeader});
    }
    auto over = std::exchange(waiting_, {});
    for (auto& [index, waiting] : over) {
      if (waiting.proposed) waiting.proposed({.kind = ProposeOutcome::Kind::kUnknown});
      if (waiting.read) waiting.read(absl::UnavailableError("This server leads no more."));
    }
  }
  if (seen > term()) SetTerm(seen, 0).IgnoreError();
}

void PlainRaft::Propose(std::string_view command,
                        absl::AnyInvocable<void(const ProposeOutcome&)> done) {
  if (!leads_ || last() - commit_ >= kMostUncommitted) {
    return done({.kind = ProposeOutcome::Kind::kNotLeader, .leader_hint = leader_});
  }
  Entry entry;
  entry.set_command(std::string(command));
  Waiting waiting = {.proposed = std::move(done), .read = {}};
  if (hand_over_) return void(held_.emplace_back(std::move(entry), std::move(waiting)));
  Add(entry, std::move(waiting));
}

void PlainRaft::ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) {
  if (!leads_ || last() - commit_ >= kMostUncommitted) {
    return done(absl::UnavailableError("This server does not lead."));
  }
  if (Leased()) return done(absl::OkStatus());
  // It would have to wait for longer than its caller might.
  if (hand_over_) return done(absl::UnavailableError("Another server is about to lead."));
  Entry entry;  // whoever applies it has applied everything before it, and leads
  entry.set_no_op(true);
  Add(entry, {.proposed = {}, .read = std::move(done)});
}

void PlainRaft::DiscardUpTo(LogIndex index, std::string snapshot) {
  if (index <= base()) return;
  Snapshot kept;
  kept.set_last_included_index(index);
  kept.set_last_included_term(TermOf(index));
  kept.set_state(std::move(snapshot));
  *kept.mutable_configuration() = ConfigurationAt(index);
  KeepSnapshot(kept).IgnoreError();
}

std::unique_ptr<ReplicatedLog> MakeRaftLog(Env& env, const NodeConfig& config,
                                           StateMachine& machine) {
  return std::make_unique<PlainRaft>(env, config, machine);
}

}  // namespace quorum::raft
