#pragma once

#include <map>
#include <memory>
#include <vector>

#include "grader/scenarios/log/register_room.h"
#include "grader/scenarios/raft/puppet.h"
#include "grader/scenarios/raft/rules.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::raft {

/// What the scenarios exist for.
inline constexpr char kLeaderChanged[] = "another server came to lead";
inline constexpr char kVoteSplit[] = "a term was over without a leader";
inline constexpr char kTwoLeaders[] = "a leader of an earlier term still sent messages";
inline constexpr char kLeaderDiedBusy[] = "a leader died with entries that were not committed";
inline constexpr char kOverwritten[] = "a follower replaced entries that conflicted";
inline constexpr char kInheritedCommit[] = "an entry was committed by a later leader than its own";
inline constexpr char kRefused[] = "a follower refused entries that did not fit its log";
inline constexpr char kServerLostDisk[] = "a server lost its disk";
inline constexpr char kSnapshotSent[] = "a server was sent a snapshot in several pieces";
inline constexpr char kSnapshotCame[] = "a server was sent a snapshot";
inline constexpr char kDiedVoted[] = "a server died in the term in which it had voted";

/// As `snapshot_every`: a run is over long before.
inline constexpr std::uint32_t kNoSnapshots = 1'000'000;

/// Once servers can talk, one is elected.
extern const Statement kElection;

/// A cluster that keeps a register by Raft.
class RaftRoom final : public RegisterRoom {
 public:
  RaftRoom(Stage& stage, const Options& options);
  ~RaftRoom() override;

  Puppet& puppet(NodeId id) { return *puppets_.at(id); }
  Ledger& ledger() { return ledger_; }

  /// Who leads the latest term that has had a leader, and runs; 0: nobody. Unlike the announced
  /// leader it need not have committed anything.
  NodeId elected() const;
  /// Lets time pass until there is one that a majority can hear, of a later term than `after`.
  NodeId AwaitElected(Term after = 0);
  /// Who has stood for election since the term `after` and what came of the last term, in a few
  /// sentences: what there is to say of an election that comes to nothing.
  std::string HowElectionsWent(Term after) const;

 private:
  class Witness;

  bool CatchesUp(NodeId node) const override {
    const auto server = ledger_.servers().find(node);
    if (server != ledger_.servers().end() && server->second.lost) return false;
    return ledger_.CommittedMembership()->Includes(node);
  }

  Ledger ledger_;
  Watch watch_;
  std::unique_ptr<Witness> witness_;
  std::map<NodeId, std::unique_ptr<Puppet>> puppets_;
};

/// A number of servers that the seed draws: 3, 4, 5 or 7.
int DrawServers(Stage& stage);

/// The graded tests, part by part.
std::vector<Scenario> ElectionScenarios();
std::vector<Scenario> ReplicationScenarios();
std::vector<Scenario> ExploredScenarios();
std::vector<Scenario> SnapshotScenarios();
std::vector<Scenario> MixedScenarios();
std::vector<Scenario> Choreographies();
std::vector<Scenario> MembershipScenarios();

}  // namespace quorum::grader::raft
