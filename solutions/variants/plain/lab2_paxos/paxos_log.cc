#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "labs/lab2_paxos/paxos.h"
#include "plain_store.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTick = 25ms;
constexpr Duration kGather = 2ms;  // commands that come within this time share a message
constexpr Duration kCallTimeout = 150ms;
constexpr Duration kRepeatAfter = 90ms;
constexpr Duration kAlone = 450ms;
constexpr Duration kSlowStart = 4s;
constexpr std::size_t kMostUndecided = 600;
constexpr int kMostInAMessage = 48;
constexpr std::size_t kPiece = 8 << 10;

/// Multi-Paxos in one class: acts at ticks, gathers commands for a moment, refuses by silence,
/// reads by a no-op of its own in the log.
class PlainLog final : public ReplicatedLog {
 public:
  PlainLog(Env& env, const NodeConfig& config, StateMachine& machine)
      : env_(env), config_(config), machine_(machine), store_(env.storage(), config) {
    Serve();
    WaitForLeader();
    ApplyAll();
    tick_ = env_.After(kTick, [this] { Tick(); });
  }

  void Propose(std::string_view command,
               absl::AnyInvocable<void(const ProposeOutcome&)> done) override {
    if (!lead_ || lead_->undecided.size() >= kMostUndecided) {
      return done({.kind = ProposeOutcome::Kind::kNotLeader, .leader_hint = leader_});
    }
    Entry entry;
    entry.set_command(std::string(command));
    lead_->proposals[Put(std::move(entry))] = std::move(done);
  }

  void ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) override {
    if (!lead_ || lead_->undecided.size() >= kMostUndecided) {
      return done(absl::UnavailableError("This node does not lead."));
    }
    // Whatever was decided before is in front of it.
    Entry entry;
    entry.set_no_op(true);
    lead_->reads[Put(std::move(entry))] = std::move(done);
  }

  void DiscardUpTo(LogIndex index, std::string state) override {
    Snapshot snapshot;
    snapshot.set_index(index);
    snapshot.set_state(std::move(state));
    store_.TakeSnapshot(snapshot);
  }

  NodeId leader() const override { return leader_; }

 private:
  struct Undecided {
    std::set<NodeId> accepted;
    Time sent;
  };
  struct Lead {
    Ballot ballot;
    LogIndex inherited = 0;  // decided by others, up to here
    LogIndex own = 0;        // the first slot of our own
    LogIndex next = 0;
    LogIndex decided = 0;
    Time since;
    std::vector<Entry> gathered;
    std::map<LogIndex, Undecided> undecided;
    std::map<NodeId, Time> heard;
    std::map<LogIndex, absl::AnyInvocable<void(const ProposeOutcome&)>> proposals;
    std::map<LogIndex, absl::AnyInvocable<void(const absl::Status&)>> reads;
    bool announced = false;
  };
  struct Campaign {
    Ballot ballot;
    std::map<NodeId, PrepareLogResponse> promises;
  };

  // -- What others ask.

  void Serve() {
    env_.Serve(kPrepareLog, [this](const PrepareLogRequest& request, auto responder) {
      if (!store_.votes) return responder.Fail(LostDisk());
      if (request.ballot() < store_.promised) return;  // says nothing
      Resign();
      WaitForLeader();
      const Ballot before = std::exchange(store_.promised, request.ballot());
      if (!store_.Save({}).ok()) return void(store_.promised = before);
      responder.Reply(Report(request.committed()));
    });
    env_.Serve(kAcceptEntries, [this](const AcceptEntriesRequest& request, auto responder) {
      if (!store_.votes) {
        Hear(request);
        return responder.Fail(LostDisk());
      }
      if (request.ballot() < store_.promised) return;
      Resign();
      Hear(request);
      const std::vector<Entry> entries(request.entries().begin(), request.entries().end());
      if (!store_.Accept(request.ballot(), entries)) return;
      AcceptEntriesResponse response;
      response.set_accepted(true);
      *response.mutable_ballot() = request.ballot();
      responder.Reply(response);
      Learn();
    });
    env_.Serve(kFetch, [this](const FetchRequest& request, auto responder) {
      responder.Reply(WhatIsDecided(request));
    });
  }

  static absl::Status LostDisk() {
    return absl::FailedPreconditionError("This node has lost its disk.");
  }

  void Hear(const AcceptEntriesRequest& request) {
    leader_ = request.ballot().node();
    told_ballot_ = request.ballot();
    told_ = request.committed();
    WaitForLeader();
    if (!store_.votes) Learn();
  }

  PrepareLogResponse Report(LogIndex known) const {
    PrepareLogResponse response;
    response.set_promised(true);
    *response.mutable_ballot() = store_.promised;
    response.set_committed(store_.committed);
    for (LogIndex index = std::max(known, store_.committed) + 1; index <= store_.last(); ++index) {
      if (const Entry* entry = store_.At(index)) *response.add_accepted() = *entry;
    }
    return response;
  }

  FetchResponse WhatIsDecided(const FetchRequest& request) const {
    FetchResponse response;
    response.set_committed(store_.committed);
    const Snapshot& snapshot = store_.snapshot;
    if (request.from() > snapshot.index()) {
      for (LogIndex index = request.from(); index <= store_.committed; ++index) {
        if (response.entries_size() == kMostInAMessage) break;
        *response.add_entries() = *store_.At(index);
      }
      return response;
    }
    const bool goes_on = request.snapshot_index() == snapshot.index() &&
                         request.snapshot_offset() <= snapshot.state().size();
    SnapshotChunk& piece = *response.mutable_chunk();
    piece.set_index(snapshot.index());
    piece.set_offset(goes_on ? request.snapshot_offset() : 0);
    piece.set_data(snapshot.state().substr(piece.offset(), kPiece));
    piece.set_last(piece.offset() + piece.data().size() == snapshot.state().size());
    return response;
  }

  // -- Time.

  void WaitForLeader() { patience_ = env_.Now() + env_.RandomBetween(300ms, 650ms); }

  void Tick() {
    tick_ = env_.After(kTick, [this] { Tick(); });
    if (lead_) {
      TickOfLeader();
    } else if (store_.votes && env_.Now() >= patience_) {
      BeginCampaign();
    }
    FetchMissing();
  }

  // -- Campaigns.

  void BeginCampaign() {
    WaitForLeader();
    leader_ = 0;
    const Ballot before = store_.promised;
    const Ballot ballot = MakeBallot(before.round() + 1, config_.self());
    store_.promised = ballot;
    if (!store_.Save({}).ok()) return void(store_.promised = before);
    campaign_ = Campaign{.ballot = ballot, .promises = {{config_.self(), Report(0)}}};
    PrepareLogRequest request;
    *request.mutable_ballot() = ballot;
    request.set_committed(store_.committed);
    for (const NodeId peer : config_.peers()) {
      if (peer == config_.self()) continue;
      env_.Call(peer, kPrepareLog, request, kCallTimeout,
                [this, peer, ballot](const absl::StatusOr<PrepareLogResponse>& response) {
                  if (!response.ok() || !response->promised()) return;
                  if (!campaign_ || !(campaign_->ballot == ballot)) return;
                  campaign_->promises[peer] = *response;
                  Count();
                });
    }
    Count();
  }

  void Count() {
    if (campaign_->promises.size() < QuorumOf(config_)) return;
    const Campaign won = *std::exchange(campaign_, std::nullopt);
    lead_.emplace();
    leader_ = config_.self();
    lead_->ballot = won.ballot;
    lead_->since = env_.Now();
    for (const NodeId peer : config_.peers()) lead_->heard[peer] = env_.Now();
    std::map<LogIndex, Entry> proposals;
    for (const auto& [node, promise] : won.promises) {
      if (promise.committed() >= lead_->inherited) {
        lead_->inherited = promise.committed();
        helper_ = node;
      }
      for (const Entry& entry : promise.accepted()) {
        Entry& best = proposals[entry.index()];
        if (best.ballot() < entry.ballot()) best = entry;
      }
    }
    told_ballot_ = won.ballot;
    told_ = lead_->decided = lead_->inherited;
    lead_->next = lead_->inherited + 1;
    const LogIndex last = proposals.empty() ? 0 : proposals.rbegin()->first;
    while (lead_->next <= last) {
      const auto found = proposals.find(lead_->next);
      Entry entry = found == proposals.end() ? Entry() : found->second;
      if (found == proposals.end()) entry.set_no_op(true);
      Put(std::move(entry));
    }
    Entry own;
    own.set_no_op(true);
    lead_->own = Put(std::move(own));
    FetchMissing();
  }

  // -- The leader.

  /// Proposes `entry` in the next slot, soon.
  LogIndex Put(Entry entry) {
    const LogIndex index = lead_->next++;
    entry.set_index(index);
    lead_->undecided[index] = {.accepted = {}, .sent = env_.Now()};
    lead_->gathered.push_back(std::move(entry));
    if (lead_->gathered.size() == 1) send_ = env_.After(kGather, [this] { SendGathered(); });
    return index;
  }

  void SendGathered() {
    if (!lead_) return;
    const std::vector<Entry> entries = std::exchange(lead_->gathered, {});
    if (!store_.Accept(lead_->ballot, entries)) return Resign();
    std::vector<LogIndex> indices;
    for (const Entry& entry : entries) {
      indices.push_back(entry.index());
      lead_->undecided[entry.index()].accepted.insert(config_.self());
    }
    for (const NodeId peer : config_.peers()) {
      if (peer != config_.self()) SendAll(peer, indices);
    }
    Decide();
  }

  void SendAll(NodeId peer, const std::vector<LogIndex>& indices) {
    std::vector<LogIndex> some;
    for (const LogIndex index : indices) {
      some.push_back(index);
      if (some.size() < kMostInAMessage) continue;
      Send(peer, some);
      some.clear();
    }
    if (!some.empty()) Send(peer, some);
  }

  void Send(NodeId peer, const std::vector<LogIndex>& indices) {
    AcceptEntriesRequest request;
    *request.mutable_ballot() = lead_->ballot;
    request.set_committed(std::min(lead_->decided, store_.committed));
    for (const LogIndex index : indices) {
      Entry& entry = *request.add_entries();
      entry = *store_.At(index);
      entry.clear_ballot();
    }
    env_.Call(peer, kAcceptEntries, request, kCallTimeout,
              [this, peer, indices,
               ballot = lead_->ballot](const absl::StatusOr<AcceptEntriesResponse>& response) {
                if (!lead_ || !(lead_->ballot == ballot)) return;
                if (!response.ok() || !response->accepted()) return;
                lead_->heard[peer] = env_.Now();
                for (const LogIndex index : indices) {
                  const auto slot = lead_->undecided.find(index);
                  if (slot != lead_->undecided.end()) slot->second.accepted.insert(peer);
                }
                Decide();
              });
  }

  void Decide() {
    while (!lead_->undecided.empty()) {
      const auto slot = lead_->undecided.begin();
      if (slot->second.accepted.size() < QuorumOf(config_)) break;
      lead_->decided = slot->first;
      lead_->undecided.erase(slot);
    }
    told_ballot_ = lead_->ballot;
    told_ = lead_->decided;
    Learn();
  }

  void TickOfLeader() {
    const Time now = env_.Now();
    std::size_t heard = 1;
    for (const auto& [peer, when] : lead_->heard) {
      if (peer != config_.self() && now - when < kAlone) ++heard;
    }
    const bool stuck = !lead_->announced && now - lead_->since > kSlowStart;
    if (heard < QuorumOf(config_) || stuck) return Resign();
    for (const NodeId peer : config_.peers()) {
      if (peer == config_.self()) continue;
      std::vector<LogIndex> again;
      for (const auto& [index, slot] : lead_->undecided) {
        if (again.size() == kMostInAMessage || store_.At(index) == nullptr) break;
        if (slot.accepted.empty()) break;  // still gathered
        if (!slot.accepted.contains(peer) && now - slot.sent > kRepeatAfter) again.push_back(index);
      }
      Send(peer, again);
    }
  }

  void Resign() {
    campaign_.reset();
    if (!lead_) return;
    Lead over = *std::exchange(lead_, std::nullopt);
    leader_ = 0;
    WaitForLeader();
    if (over.announced) machine_.OnLeadershipLost(EpochOf(over.ballot));
    for (auto& [index, done] : over.proposals) done({.kind = ProposeOutcome::Kind::kUnknown});
    for (auto& [index, done] : over.reads) done(absl::UnavailableError("The leadership is over."));
  }

  // -- Learning.

  void Learn() {
    while (store_.committed < told_) {
      const Entry* entry = store_.At(store_.committed + 1);
      if (entry == nullptr || !(entry->ballot() == told_ballot_)) break;
      ++store_.committed;
    }
    ApplyAll();
  }

  void ApplyAll() {
    if (std::exchange(applying_, true)) return;
    while (applied_ < store_.committed) {
      if (applied_ < store_.snapshot.index()) {
        applied_ = store_.snapshot.index();
        Check(machine_.Restore(applied_, store_.snapshot.state()).ok(), "A snapshot is restored.");
      } else {
        ApplyNext();
      }
    }
    applying_ = false;
  }

  void ApplyNext() {
    const Entry entry = *store_.At(++applied_);
    ProposeOutcome outcome{.kind = ProposeOutcome::Kind::kApplied, .index = applied_};
    if (!entry.no_op()) outcome.result = machine_.Apply(applied_, entry.command());
    if (!lead_) return;
    if (applied_ == lead_->own) {
      lead_->announced = true;
      machine_.OnLeadership(EpochOf(lead_->ballot));
    }
    if (auto proposal = lead_->proposals.extract(applied_)) proposal.mapped()(outcome);
    if (!lead_) return;
    if (auto read = lead_->reads.extract(applied_)) read.mapped()(absl::OkStatus());
  }

  /// How far we may fetch: what comes behind, if we lead, we decide ourselves.
  LogIndex Wanted() const { return lead_ ? std::min(told_, lead_->inherited) : told_; }

  void FetchMissing() {
    if (fetching_ || Wanted() <= store_.committed) return;
    if (helper_ == 0 || helper_ == config_.self()) {
      const auto peers = static_cast<std::uint64_t>(config_.peers_size());
      helper_ = config_.peers(static_cast<int>(env_.RandomBelow(peers)));
      if (helper_ == config_.self()) return;  // another tick, another node
    }
    fetching_ = true;
    FetchRequest request;
    request.set_from(store_.committed + 1);
    request.set_snapshot_index(arriving_.index());
    request.set_snapshot_offset(arriving_.state().size());
    env_.Call(helper_, kFetch, request, kCallTimeout,
              [this](const absl::StatusOr<FetchResponse>& response) {
                fetching_ = false;
                const LogIndex before = store_.committed;
                bool helped = false;
                if (response.ok()) {
                  helped = response->has_chunk() && TakePiece(response->chunk());
                  store_.TakeDecided(response->entries(), Wanted());
                  Learn();
                }
                if (!helped && store_.committed == before) helper_ = 0;
                if (helper_ != 0) FetchMissing();
              });
  }

  bool TakePiece(const SnapshotChunk& piece) {
    if (piece.index() <= store_.committed) return false;
    if (piece.offset() == 0) {
      arriving_.set_index(piece.index());
      arriving_.clear_state();
    }
    if (piece.index() != arriving_.index() || piece.offset() != arriving_.state().size()) {
      return false;
    }
    arriving_.mutable_state()->append(piece.data());
    if (!piece.last()) return true;
    const Snapshot complete = std::exchange(arriving_, Snapshot());
    if (lead_ && complete.index() > lead_->inherited) Resign();  // others went on without us
    store_.TakeSnapshot(complete);
    return true;
  }

  Env& env_;
  const NodeConfig config_;
  StateMachine& machine_;
  PlainStore store_;
  NodeId leader_ = 0;
  Time patience_;
  std::optional<Campaign> campaign_;
  std::optional<Lead> lead_;
  Ballot told_ballot_;  // everything up to `told_` is decided; what has this ballot is it
  LogIndex told_ = 0;
  LogIndex applied_ = 0;
  bool applying_ = false;
  NodeId helper_ = 0;
  bool fetching_ = false;
  Snapshot arriving_;
  Timer tick_;
  Timer send_;
};

}  // namespace

std::unique_ptr<ReplicatedLog> MakePaxosLog(Env& env, const NodeConfig& config,
                                            StateMachine& machine) {
  return std::make_unique<PlainLog>(env, config, machine);
}

}  // namespace quorum::paxos
