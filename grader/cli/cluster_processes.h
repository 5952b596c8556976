#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "grader/cli/cluster_file.h"

namespace quorum::cli {

/// The processes of a cluster. They end with this object, and with the process that made it.
class ClusterProcesses {
 public:
  ~ClusterProcesses() { Stop(); }
  ClusterProcesses() = default;
  ClusterProcesses(const ClusterProcesses&) = delete;
  ClusterProcesses& operator=(const ClusterProcesses&) = delete;

  /// Starts `node` and waits until it listens. The error says why it does not, in a sentence.
  absl::Status Start(const ClusterNode& node);

  /// Sentences on the processes that have ended since the last call.
  std::vector<std::string> Reap();

  /// How many processes run.
  int running() const;

  /// Asks all to end, and after a while makes them.
  void Stop();

 private:
  struct Running {
    ClusterNode node;
    pid_t pid = 0;  ///< 0: it has ended
  };

  std::vector<Running> processes_;
};

/// Addresses on this machine for `count` nodes: ports from `base_port` on, or any free ones for 0.
std::vector<std::string> LoopbackAddresses(int count, int base_port);

}  // namespace quorum::cli
