#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "grader/check/linearizability/history.h"
#include "grader/scenarios/log/log_rules.h"
#include "grader/scenarios/log/tap.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader {

/// What scenarios of any log exist for.
inline constexpr char kUnknownOutcome[] = "a client was left without knowing what became of it";

/// A cluster that keeps a register by its replicated log, and clients that use it. A lab derives
/// its own room, which knows the lab's messages and disks.
class RegisterRoom {
 public:
  struct Options {
    int nodes = 3;    ///< at the cluster's creation
    int joiners = 0;  ///< that run besides, with ids behind the others, and may join it later
    std::set<NodeId> puppets = {};           ///< the scenario itself plays these
    std::set<NodeId> reference = {};         ///< these run the reference, not what is tested
    std::set<NodeId> slow = {};              ///< these have slow clocks: see `SlowDown`
    std::uint32_t snapshot_every = 0;        ///< 0: what the register does by itself
    std::vector<std::string> features = {};  ///< NodeConfig's
    std::uint32_t clock_rate_bound_ppm = 1000;
    bool clocks_keep_bound = true;     ///< false: the scenario has them jump, or stand still
    bool clocks_out_of_bound = false;  ///< among the faults are clocks that jump, or stand still
  };
  virtual ~RegisterRoom();

  const Tap& tap() const { return tap_; }
  int nodes() const { return options_.nodes; }
  int nodes_and_joiners() const { return options_.nodes + options_.joiners; }
  sim::World& world() { return stage_.world(); }

  /// From now on `node` does later what it does by itself: its clock needs more than half a minute
  /// for a second. So others lead, as long as they are there, whatever timeouts it has chosen.
  void SlowDown(NodeId node) { world().SetClockRate(node, -970'000); }
  void SpeedUp(NodeId node) { world().SetClockRate(node, 0); }

  /// Cuts every link between `node` and the others, or mends them.
  void CutOff(NodeId node, bool cut) { Split({node}, cut); }
  /// Cuts every link between the nodes of `side` and all others, or mends them.
  void Split(const std::set<NodeId>& side, bool cut);

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

  /// A client that appends at `node` once, as part of the clients' history. `done` is told whether
  /// it is known to be executed.
  void AppendAt(NodeId node, const std::string& value,
                std::function<void(bool executed)> done = nullptr);
  /// A client that appends `commands` values of this length, one after the other, wherever somebody
  /// leads; as part of the clients' history.
  void AppendInTurn(int commands, std::size_t length);

  /// A client was told, before now, that this was appended; as part of the clients' history.
  void NoteAppended(const std::string& value);

  /// `clients` clients begin, each doing `operations` things one after the other: appends, now and
  /// then a put, and reads. They stay with the node that answered last.
  void StartClients(int clients, int operations, sim::SimTime longest_pause);
  void LetThingsGoWrongFor(sim::SimTime duration, std::optional<faults::Profile> profile = {});
  /// Heals; then the clients must finish, a further command must be executed, and every node that
  /// runs must have applied it. Then the clients' history is judged.
  void HealAndDemandProgress();
  /// Demands that all nodes that run have applied what is decided so far.
  void DemandThatAllApply();
  void JudgeHistory();

 protected:
  RegisterRoom(Stage& stage, const Options& options, const DecidedLog& decided,
               const LogStatements& statements);

  /// Makes every node: a register over the log that the implementation's part `part`, of the type
  /// `type`, makes; or what `make_puppet` makes. From now on the log's own rules are watched.
  void BootNodes(const char* part, const char* type,
                 const std::function<void(const NodeConfig&)>& make_puppet);
  /// Whether `node`, which is no puppet and has a disk, can be expected to catch up.
  virtual bool CatchesUp(NodeId node) const { return true; }

  Stage& stage() const { return stage_; }
  Tap& mutable_tap() { return tap_; }

 private:
  class Client;

  void HostReference(const char* part, const char* type);
  bool AllApplied();

  Stage& stage_;
  const Options options_;
  const DecidedLog& decided_;
  const LogStatements statements_;
  Tap tap_;
  std::vector<std::unique_ptr<Client>> clients_;
  check::History history_;
};

}  // namespace quorum::grader
