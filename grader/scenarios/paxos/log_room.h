#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "grader/check/linearizability/history.h"
#include "grader/scenarios/paxos/log_rules.h"
#include "grader/scenarios/paxos/puppet.h"
#include "grader/scenarios/paxos/rules.h"
#include "grader/scenarios/paxos/tap.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::paxos {

/// What the scenarios of parts 2C and 2D exist for.
inline constexpr char kLeaderDiedBusy[] = "a leader died with commands under way";
inline constexpr char kLeaderChanged[] = "another node came to lead";
inline constexpr char kUnknownOutcome[] = "a client was left without knowing what became of it";
inline constexpr char kNoOpChosen[] = "a slot was filled with a no-op behind which commands wait";
inline constexpr char kInherited[] = "a leader proposed what an earlier one had left behind";
inline constexpr char kNodeLostDisk[] = "a node lost its disk";
inline constexpr char kFetched[] = "a node fetched entries that it had missed";
inline constexpr char kSnapshotSent[] = "a node was sent a snapshot in several pieces";

/// A cluster that keeps a register by its log, and clients that use it.
class LogRoom {
 public:
  struct Options {
    int nodes = 3;
    std::set<NodeId> puppets = {};
    std::uint32_t snapshot_every = 0;  ///< 0: what the register does by itself
  };
  LogRoom(Stage& stage, const Options& options);
  ~LogRoom();

  Puppet& puppet(NodeId id) { return *puppets_.at(id); }
  Ledger& ledger() { return ledger_; }
  const Tap& tap() const { return tap_; }
  int nodes() const { return options_.nodes; }
  sim::World& world() { return stage_.world(); }

  /// Lets time pass until a leader is announced, and returns it.
  NodeId AwaitLeader();

  /// A client's operation at `node`, outside of the clients' history. How it ended is told to
  /// `done`.
  void Append(NodeId node, const std::string& value,
              std::function<void(const absl::StatusOr<log::WriteResponse>&)> done);
  void Put(NodeId node, const std::string& value,
           std::function<void(const absl::StatusOr<log::WriteResponse>&)> done);
  /// The same, awaited; the answer of whoever leads.
  log::WriteResponse PutAtLeader(const std::string& value);

  /// A client that reads at `node` once, as part of the clients' history.
  void ReadAt(NodeId node);

  /// `clients` clients begin, each doing `operations` things one after the other: appends, now and
  /// then a put, and reads. They stay with the node that answered last.
  void StartClients(int clients, int operations, sim::SimTime longest_pause);
  void LetThingsGoWrongFor(sim::SimTime duration);
  /// Heals; then the clients must finish, a further command must be executed, and every node that
  /// runs must have applied it. Then the clients' history is judged.
  void HealAndDemandProgress();
  /// Demands that all nodes that run have applied what is chosen so far.
  void DemandThatAllApply();
  void JudgeHistory();

 private:
  class Witness;
  class Client;

  bool AllApplied();

  Stage& stage_;
  const Options options_;
  Ledger ledger_;
  Watch watch_;
  Tap tap_;
  std::unique_ptr<Witness> witness_;
  std::map<NodeId, std::unique_ptr<Puppet>> puppets_;
  std::vector<std::unique_ptr<Client>> clients_;
  check::History history_;
};

/// The graded tests of parts 2C and 2D.
std::vector<Scenario> LogScenarios();
/// Those of them in which the scenario plays some of the nodes, or says who dies when.
std::vector<Scenario> LogChoreographies();
std::vector<Scenario> CatchUpScenarios();

}  // namespace quorum::grader::paxos
