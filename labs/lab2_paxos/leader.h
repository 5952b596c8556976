#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "labs/lab2_paxos/log_store.h"

namespace quorum::paxos {

/// Whom a leader tells what has happened. Each of these may destroy the leader.
class LeaderHost {
 public:
  virtual ~LeaderHost() = default;
  /// Quorums have accepted every slot of this leadership up to `index`.
  virtual void OnDecided(LogIndex index) = 0;
  /// Someone has promised more than this leader's ballot.
  virtual void OnOutvoted(const Ballot& promised) = 0;
  /// The leader cannot do its work: its disk is full, or it does not hear from a quorum.
  virtual void OnHelpless() = 0;
};

/// Phase 2 for all slots, as long as one ballot leads: proposes, counts who has accepted, repeats
/// what was lost, and keeps followers quiet. When it is destroyed the leadership is over, and later
/// answers to it find nobody.
class Leader : public std::enable_shared_from_this<Leader> {
 public:
  Leader(Env& env, const NodeConfig& config, LogStore& store, const Ballot& ballot,
         LeaderHost& host);

  const Ballot& ballot() const { return ballot_; }
  /// The slot of the first entry of its own, a no-op. Once that is applied, so is everything that
  /// was decided before this leadership.
  LogIndex first_own() const { return first_own_; }

  /// Proposes `inherited` again, whose first slot is the one after `decided`, then a no-op.
  void Begin(LogIndex decided, const std::vector<Entry>& inherited);
  /// The slot in which the next command is proposed.
  LogIndex next() const { return next_; }
  /// Proposes `command` there. False: too many slots are undecided, or the disk is full.
  bool Propose(std::string_view command);
  /// Calls `done` once a quorum has answered a message that was sent after this call.
  void Confirm(absl::AnyInvocable<void(const absl::Status&)> done);
  /// The leadership is over: whoever waits for a confirmation hears of it.
  void End();

 private:
  struct Slot {
    std::set<NodeId> accepted;
    Time sent;
  };
  struct Follower {
    std::uint64_t answered = 0;  // the number of the last message that it has answered
    Time heard;
  };
  struct Waiting {
    std::uint64_t after;  // an answer to a later message than this confirms
    absl::AnyInvocable<void(const absl::Status&)> done;
  };

  bool ProposeAll(const std::vector<Entry>& entries);
  void Send(NodeId peer, const std::vector<LogIndex>& slots);
  void OnAnswer(NodeId peer, std::uint64_t number, const std::vector<LogIndex>& slots,
                const AcceptEntriesResponse& response);
  void Count(NodeId from, const std::vector<LogIndex>& slots);
  void SettleConfirmations();
  void Tick();
  bool HearsQuorum() const;

  Env& env_;
  const NodeConfig config_;
  LogStore& store_;
  const Ballot ballot_;
  LeaderHost& host_;

  std::map<LogIndex, Slot> slots_;  // proposed and not yet decided
  LogIndex next_ = 1;               // where the next command goes
  LogIndex decided_ = 0;            // every slot up to here is decided
  LogIndex first_own_ = 0;
  std::map<NodeId, Follower> followers_;
  std::uint64_t sent_ = 0;  // numbers the messages
  std::vector<Waiting> waiting_;
  Time began_;
  Timer tick_;
};

}  // namespace quorum::paxos
