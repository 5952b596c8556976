#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/node/testing/child_process.h"
#include "common/storage/storage_testing.h"
#include "grader/check/linearizability/history.h"
#include "grader/processes/cluster_client.h"

namespace quorum::grader {

/// A client that is a process of its own, so that it can be stopped at any instant, also while it
/// holds a lock.
class ClientProcess {
 public:
  ClientProcess(Service service, const std::map<NodeId, std::string>& addresses, int number);

  /// SIGSTOP and SIGCONT.
  void Stop() { process_->Signal(SIGSTOP); }
  void Continue() { process_->Signal(SIGCONT); }

  struct Told {
    bool answered = false;  ///< its last read
    check::History history;
    std::vector<Acquisition> acquisitions;
  };
  /// Ends it, with a read: what it was told.
  Told End();

 private:
  const testing::TemporaryFolder home_;
  std::unique_ptr<testing::ChildProcess> process_;
};

/// What such a process does: it is told where the nodes are, and writes to the file `out`.
int RunClientProcess(Service service, const std::map<NodeId, std::string>& addresses, int number,
                     const std::string& out);

}  // namespace quorum::grader
