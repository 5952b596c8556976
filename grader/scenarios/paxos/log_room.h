#pragma once

#include <map>
#include <memory>
#include <vector>

#include "grader/scenarios/log/register_room.h"
#include "grader/scenarios/paxos/puppet.h"
#include "grader/scenarios/paxos/rules.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::paxos {

/// What the scenarios of parts 2C and 2D exist for.
inline constexpr char kLeaderDiedBusy[] = "a leader died with commands under way";
inline constexpr char kLeaderChanged[] = "another node came to lead";
inline constexpr char kNoOpChosen[] = "a slot was filled with a no-op behind which commands wait";
inline constexpr char kInherited[] = "a leader proposed what an earlier one had left behind";
inline constexpr char kNodeLostDisk[] = "a node lost its disk";
inline constexpr char kFetched[] = "a node fetched entries that it had missed";
inline constexpr char kSnapshotSent[] = "a node was sent a snapshot in several pieces";

/// A cluster that keeps a register by a log of decisions.
class LogRoom final : public RegisterRoom {
 public:
  LogRoom(Stage& stage, const Options& options);
  ~LogRoom() override;

  Puppet& puppet(NodeId id) { return *puppets_.at(id); }
  Ledger& ledger() { return ledger_; }

 private:
  class Witness;

  Ledger ledger_;
  Watch watch_;
  std::unique_ptr<Witness> witness_;
  std::map<NodeId, std::unique_ptr<Puppet>> puppets_;
};

/// The graded tests of parts 2C and 2D.
std::vector<Scenario> LogScenarios();
/// Those of them in which the scenario plays some of the nodes, or says who dies when.
std::vector<Scenario> LogChoreographies();
std::vector<Scenario> LeaderChoreographies();
std::vector<Scenario> BusyLeaderChoreography();
std::vector<Scenario> CatchUpScenarios();
std::vector<Scenario> PowerCutScenario();

}  // namespace quorum::grader::paxos
