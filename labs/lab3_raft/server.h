#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "common/log/replicated_log.h"
#include "labs/lab3_raft/follower.h"
#include "labs/lab3_raft/log.h"
#include "labs/lab3_raft/raft.h"
#include "labs/lab3_raft/transfer.h"
#include "labs/lab3_raft/voting_record.h"

namespace quorum::raft {

/// A pre-candidate would like to stand for election (part 3F).
enum class ServerRole { kFollower, kPreCandidate, kCandidate, kLeader };

/// One server of Raft: figure 2 of the paper, box by box. Each file has what its comment names.
class Server final : public ReplicatedLog {
 public:
  Server(Env& env, const NodeConfig& config, StateMachine& machine);

  // Section 8, client interaction (clients.cc).
  void Propose(std::string_view command,
               absl::AnyInvocable<void(const ProposeOutcome&)> done) override;
  void ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) override;
  void DiscardUpTo(LogIndex index, std::string snapshot) override;
  NodeId leader() const override { return leader_id_; }

 private:
  using ProposeDone = absl::AnyInvocable<void(const ProposeOutcome&)>;
  using ReadDone = absl::AnyInvocable<void(const absl::Status&)>;
  struct WaitingRead {
    std::uint64_t after;  // an answer to a later message than this confirms
    LogIndex index;       // what must be applied first
    ReadDone done;
  };
  struct Change {
    Configuration target;
    Responder<ChangeMembershipResponse> responder;
    LogIndex asked_at = 0;  // the end of the log then
    Time began = {};
    // The new servers are being sent the log up to here.
    LogIndex round_end = 0;
    Time round_began = {};
    int rounds = 0;
  };

  // "Rules for Servers: All Servers" (server.cc).
  absl::Status ObserveTerm(Term term);
  void BecomeFollower();
  Term current_term() const { return record_.current_term(); }
  std::vector<NodeId> others() const;        // whom a leader sends its log
  std::vector<NodeId> other_voters() const;  // whom a candidate asks

  // "RequestVote RPC" and "Followers, Candidates"; sections 5.2 and 5.4.1 (election.cc).
  void RequestVote(const RequestVoteRequest& request, Responder<RequestVoteResponse> responder);
  bool UpToDate(LogIndex last_index, Term last_term) const;
  void AwaitElection();
  void OnElectionTimeout();
  void StartElection(bool told_by_leader = false);
  void AskForVotes();
  void OnVote(NodeId peer, Term term, const RequestVoteResponse& response);
  bool HasVotes() const;
  void BecomeLeader();

  // "AppendEntries RPC"; section 5.3 (append_entries.cc).
  void AppendEntries(const AppendEntriesRequest& request,
                     Responder<AppendEntriesResponse> responder);
  void Follow(NodeId leader);
  bool HasEntry(LogIndex index, Term term) const;
  void ReportConflict(LogIndex prev, AppendEntriesResponse& response) const;
  absl::Status AppendNew(const AppendEntriesRequest& request);

  // "Leaders"; section 5.3 (replication.cc).
  void SendHeartbeats();
  void AddFollower(NodeId peer);
  void ReplicateTo(NodeId peer);
  void SendAppendEntries(NodeId peer, std::size_t most_entries);
  void OnAppended(NodeId peer, const Sent& sent,
                  const absl::StatusOr<AppendEntriesResponse>& response);
  LogIndex BackUp(LogIndex match, const Sent& sent, const AppendEntriesResponse& response) const;

  // Committing and applying; sections 5.3 and 5.4.2 (commit.cc).
  void AdvanceCommitIndex();
  void CommitUpTo(LogIndex index);
  void Restore();
  void ApplyNext();
  void Announce();
  void ConfirmReads();

  // Cluster membership changes; section 6 (membership.cc).
  void ChangeMembership(const ChangeMembershipRequest& request,
                        Responder<ChangeMembershipResponse> responder);
  std::string WhyNot(const ChangeMembershipRequest& request) const;
  void GoOnWithChange();
  void TakeStep();
  bool HaveCaughtUp();
  void UseConfiguration(const Configuration& configuration);
  void EndChange(ChangeMembershipResponse::Outcome outcome, std::string reason = {});
  bool MayStand() const;

  // Log compaction; section 7 and figure 13 (install_snapshot.cc).
  void SendSnapshot(NodeId peer);
  void OnPiece(NodeId peer, Term term, LogIndex index, Time at,
               const absl::StatusOr<InstallSnapshotResponse>& response);
  void InstallSnapshot(const InstallSnapshotRequest& request,
                       Responder<InstallSnapshotResponse> responder);
  absl::StatusOr<std::uint64_t> Receive(const InstallSnapshotRequest& piece);

  // Asking before standing; thesis, sections 4.2.3 and 9.6 (pre_vote.cc).
  bool HearsLeader() const;
  void PreVote(const PreVoteRequest& request, Responder<PreVoteResponse> responder);
  void StartPreVote();
  void AskForPreVotes();
  void OnPreVote(NodeId peer, std::uint64_t number, const PreVoteResponse& response);

  // What a leader knows by answers; thesis, sections 6.2 and 6.4.1 (lease.cc).
  bool AnsweredSince(Time since) const;
  bool HasLostQuorum() const;
  bool HoldsLease() const;

  // Leadership transfer; thesis, section 3.10 (transfer.cc).
  void TransferLeadership(const TransferLeadershipRequest& request,
                          Responder<TransferLeadershipResponse> responder);
  void TellToStand();
  void EndTransfer(TransferLeadershipResponse::Outcome outcome);
  void TimeoutNow(const TimeoutNowRequest& request, Responder<TimeoutNowResponse> responder);

  Env& env_;
  const NodeConfig config_;
  StateMachine& machine_;
  const std::size_t most_entries_;  // in one AppendEntries
  const bool membership_;
  const bool pre_vote_on_;
  const bool check_quorum_;
  const bool lease_reads_;

  // Persistent state on all servers.
  VotingRecord record_;
  Log log_;

  // Volatile state on all servers.
  LogIndex commit_index_ = 0;
  LogIndex last_applied_ = 0;
  ServerRole role_ = ServerRole::kFollower;
  NodeId leader_id_ = 0;  // who leads the current term; 0: not known
  Timer election_;
  std::optional<Time> heard_;  // when a leader has called last
  bool applying_ = false;
  Snapshot arriving_;     // as far as it is here
  Term arriving_in_ = 0;  // the term whose leader sends it

  // Volatile state on candidates, and on those who would like to be.
  std::set<NodeId> votes_;
  bool told_by_leader_ = false;  // to stand
  std::uint64_t pre_vote_ = 0;   // numbers the attempts

  // Volatile state on leaders.
  Timer tick_;  // of candidates, too
  std::map<NodeId, Follower> followers_;
  std::uint64_t sent_ = 0;  // numbers the messages
  LogIndex first_own_ = 0;  // the first entry of this leadership
  bool announced_ = false;  // that is applied, and the state machine knows who leads
  std::map<LogIndex, ProposeDone> proposals_;
  std::vector<ReadDone> early_reads_;  // they wait for the announcement
  std::vector<WaitingRead> reads_;     // they wait for a quorum
  Time led_since_;
  std::optional<Transfer> transfer_;  // until it is known who leads, also when this server does not
  bool told_to_stand_ = false;        // somebody else, in this term
  std::optional<Change> change_;      // that an administrator has asked this leadership for
};

}  // namespace quorum::raft
