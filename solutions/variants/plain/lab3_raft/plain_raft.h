#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::raft {

/// Raft as plainly as it goes: one timer that looks around, one message on its way to each
/// follower, a map for a log, and reads that are entries of the log.
class PlainRaft final : public ReplicatedLog {
 public:
  PlainRaft(Env& env, const NodeConfig& config, StateMachine& machine);

  void Propose(std::string_view command,
               absl::AnyInvocable<void(const ProposeOutcome&)> done) override;
  void ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) override;
  void DiscardUpTo(LogIndex index, std::string snapshot) override;
  NodeId leader() const override { return leader_; }

 private:
  struct Peer {
    LogIndex next = 1;
    LogIndex match = 0;
    LogIndex told = 0;  // the commit index that it was sent last
    bool busy = false;  // it has not answered
    Time sent = {};
    std::uint64_t offset = 0;  // of the snapshot that it is being sent
    bool answered = false;     // in this watch
    std::optional<Time> lent;  // until then it votes for nobody else
  };
  struct Change {
    Configuration to;
    LogIndex goal = 0;  // what new servers must have before they vote
    Time until = {};
    Responder<ChangeMembershipResponse> responder;
  };
  struct HandOver {
    NodeId to = 0;
    Time until = {};
    bool told = false;
    Responder<TransferLeadershipResponse> responder;
  };
  struct Waiting {
    absl::AnyInvocable<void(const ProposeOutcome&)> proposed;
    absl::AnyInvocable<void(const absl::Status&)> read;
  };

  // The disk (disk.cc).
  void Load(const NodeConfig& config);
  absl::Status SetTerm(Term term, NodeId vote);
  absl::Status Replace(const std::vector<Entry>& entries);
  absl::Status KeepSnapshot(const Snapshot& snapshot);
  LogIndex last() const { return log_.empty() ? base() : log_.rbegin()->first; }
  LogIndex base() const { return snapshot_.last_included_index(); }
  Term TermOf(LogIndex index) const;  // 0: not there
  Term term() const { return state_.current_term(); }

  // What others ask (receive.cc).
  RequestVoteResponse Vote(const RequestVoteRequest& request);
  AppendEntriesResponse Append(const AppendEntriesRequest& request);
  InstallSnapshotResponse Install(const InstallSnapshotRequest& request);
  bool Hear(Term term, NodeId leader);

  // Who takes part (members.cc).
  Configuration ConfigurationAt(LogIndex index) const;
  void FindConfiguration();
  static bool Votes(const Configuration& configuration, NodeId id);
  bool Enough(const std::function<bool(NodeId)>& yes) const;
  bool MayStand() const;
  std::set<NodeId> OtherVoters() const;
  void ChoosePeers();
  void StartChange(const ChangeMembershipRequest& request,
                   Responder<ChangeMembershipResponse> responder);
  void GoOnChange();
  bool CaughtUp();
  void AddConfiguration(const Configuration& configuration);
  void EndChange(ChangeMembershipResponse::Outcome outcome, const char* reason);

  // Who may lead, and for how long (leadership.cc).
  void Ask();
  PreVoteResponse Willing(const PreVoteRequest& request);
  bool Loyal() const;
  void Answered(NodeId id, Time sent);
  bool Leased() const;
  void WatchQuorum();
  void StartHandOver(const TransferLeadershipRequest& request,
                     Responder<TransferLeadershipResponse> responder);
  void GoOnHandOver();
  void EndHandOver(TransferLeadershipResponse::Outcome outcome);
  TimeoutNowResponse StandNow(const TimeoutNowRequest& request);

  // What this server does by itself (plain_raft.cc).
  void Look();
  void Stand(bool told = false);
  void Lead();
  void Add(Entry entry, Waiting waiting);
  void Send(NodeId id, Peer& peer);
  void SendPiece(NodeId id, Peer& peer);
  void SendToAll();
  void Commit();
  void Apply();
  void StepDown(Term seen);

  Env& env_;
  const NodeConfig config_;
  StateMachine& machine_;
  const std::size_t most_;  // entries in a message
  const bool disregards_;
  const bool asks_first_;
  const bool watches_quorum_;
  const bool leases_;

  TermAndVote state_;
  Snapshot snapshot_;
  std::map<LogIndex, Entry> log_;
  Configuration now_;    // the last one in the log
  LogIndex now_at_ = 0;  // where it is; if not in the log, where that begins
  bool lost_ = false;
  bool full_ = false;  // the last write failed

  LogIndex commit_ = 0;
  LogIndex applied_ = 0;
  bool applying_ = false;
  bool leads_ = false;
  bool stands_ = false;
  bool asks_ = false;
  NodeId leader_ = 0;
  Time heard_;                       // when it was last given a reason not to stand
  std::optional<Time> loyal_since_;  // when a leader called
  Duration patience_ = {};
  Snapshot pieces_;
  Term pieces_of_ = 0;

  std::set<NodeId> votes_;
  std::map<NodeId, Peer> peers_;
  std::map<LogIndex, Waiting> waiting_;
  LogIndex own_ = 0;
  bool announced_ = false;
  std::optional<Change> change_;
  Time watch_began_;
  bool gave_way_ = false;  // it has told somebody to stand, in this term
  std::optional<HandOver> hand_over_;
  std::deque<std::pair<Entry, Waiting>> held_;  // what is proposed meanwhile
  Timer look_;
};

}  // namespace quorum::raft
