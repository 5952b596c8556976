#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "grader/scenarios/paxos/puppet.h"
#include "grader/scenarios/paxos/rules.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::paxos {

/// What the scenarios of parts 2A and 2B exist for.
inline constexpr char kTookOver[] = "a proposer went on with the value of another one";
inline constexpr char kTwoValues[] = "acceptors had accepted two different values";
inline constexpr char kSpoiled[] = "a proposer had to begin another ballot";
inline constexpr char kDiedPromised[] = "an acceptor died after it had promised something";
inline constexpr char kDiedAccepted[] = "an acceptor died after it had accepted something";
inline constexpr char kLostDisk[] = "a node lost its disk";

/// A cluster that decides one thing, and the clients that propose.
class SynodRoom {
 public:
  /// Nodes 1 to `nodes`; those in `puppets` are the scenario's.
  SynodRoom(Stage& stage, int nodes, const std::set<NodeId>& puppets = {});
  ~SynodRoom();

  Puppet& puppet(NodeId id) { return *puppets_.at(id); }
  Ledger& ledger() { return ledger_; }

  /// A client proposes `value` at `node`, now.
  void Propose(NodeId node, const std::string& value);
  /// A client at every node proposes something of its own, at times that the seed draws.
  void EveryoneProposes(sim::SimTime within);
  void LetThingsGoWrongFor(sim::SimTime duration);
  /// Heals the world; then everyone must learn one decision, and be answered with it. If somebody
  /// knows it, perhaps nobody proposes any more.
  void HealAndDemandDecision();
  /// Demands that all nodes that run have the decision on their disks soon.
  void DemandThatAllLearn();

 private:
  class Witness;

  bool AllAnswered() const { return answered_ == asked_; }
  bool SomebodyKnows() const;
  bool AllHaveLearned();

  Stage& stage_;
  int nodes_;
  Ledger ledger_;
  Watch watch_;
  std::unique_ptr<Witness> witness_;
  std::map<NodeId, std::unique_ptr<Puppet>> puppets_;
  int asked_ = 0;
  int answered_ = 0;
};

/// The graded tests of parts 2A and 2B.
std::vector<Scenario> SynodScenarios();
/// Those of them in which the scenario plays some of the nodes.
std::vector<Scenario> SynodChoreographies();
std::vector<Scenario> CutOffChoreographies();
/// The same for whatever gets lost, also in part 2C.
std::vector<Scenario> LostChoreographies();
/// And those in which small worlds are explored.
std::vector<Scenario> ExploredScenarios();

}  // namespace quorum::grader::paxos
