#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/env/time.h"
#include "common/node/testing/child_process.h"
#include "common/node/testing/played_disk.h"
#include "common/node/testing/tcp_proxy.h"
#include "common/storage/storage_testing.h"

namespace quorum::testing {

/// What the processes of a cluster run.
struct ProcessesPlan {
  std::string role;
  std::vector<std::string> modules;    ///< of node 1, 2 and so on
  std::string config = {};             ///< what `quorum_node --config` is told; may be empty
  std::vector<std::string> more = {};  ///< what else `quorum_node` is told
  bool direct = false;                 ///< they reach each other without links to hold
};

/// A cluster of nodes as processes, on disks and over links that a test holds in its hand. Whoever
/// is no node calls them directly.
class NodeProcesses {
 public:
  /// Nothing runs yet.
  explicit NodeProcesses(ProcessesPlan plan);

  const std::set<NodeId>& nodes() const { return nodes_; }
  /// Where each of them listens.
  const std::map<NodeId, std::string>& addresses() const { return addresses_; }

  /// Starts a node that does not run, and waits until it listens.
  void Start(NodeId node);
  void StartAll();
  /// Starts a node that refuses to, and waits for its end: what it says.
  std::string RefusalOf(NodeId node);
  /// Where it keeps its data.
  std::filesystem::path folder(NodeId node) const {
    return home_ / ("node-" + std::to_string(node));
  }
  /// SIGKILL; what the process has written outlives it, as the system runs on.
  void Kill(NodeId node);
  /// SIGKILL for all of these, and what they did not sync is lost. The number of bytes lost.
  std::uint64_t LosePower(const std::set<NodeId>& nodes);
  /// SIGSTOP and SIGCONT.
  void Stop(NodeId node) { processes_.at(node)->Signal(SIGSTOP); }
  void Continue(NodeId node) { processes_.at(node)->Signal(SIGCONT); }

  /// The processor time that its process has used.
  Duration CpuTime(NodeId node) const { return processes_.at(node)->CpuTime(); }

  /// Nothing passes from `from` to `to`, also no answers; what `to` sends passes.
  void CutOneWay(NodeId from, NodeId to);
  void Isolate(NodeId node);
  /// All links take so long from now on.
  void Delay(Duration delay);
  void HealLinks();

  PlayedDisk& disk(NodeId node) { return *disks_.at(node); }

 private:
  /// The link over which `from` calls `to`.
  struct Link {
    explicit Link(const std::string& target) : proxy(target) {}
    TcpProxy proxy;
    LinkState state;
  };

  std::vector<std::string> CommandOf(NodeId node) const;
  void Change(NodeId from, NodeId to, const LinkState& state);

  const ProcessesPlan plan_;
  const TemporaryFolder home_;
  std::set<NodeId> nodes_;
  std::map<NodeId, std::string> addresses_;
  std::map<std::pair<NodeId, NodeId>, Link> links_;
  std::map<NodeId, std::unique_ptr<PlayedDisk>> disks_;
  std::map<NodeId, std::unique_ptr<ChildProcess>> processes_;
};

}  // namespace quorum::testing
