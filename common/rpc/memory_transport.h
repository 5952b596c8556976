#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "common/rpc/transport.h"

namespace quorum {

/// A network within one process, for tests of the real `Env` that gRPC must not disturb: its
/// uninstrumented code makes ThreadSanitizer blind. Each node has a thread that delivers what comes
/// in for it. Callers are authenticated as "node-N".
class MemoryNetwork {
 public:
  /// The end of node `self`. Several may be made, one after another, as a process restarts.
  std::unique_ptr<Transport> Join(NodeId self);

 private:
  class End;
  class EndTransport;

  struct Directory {
    std::mutex mutex;
    std::map<NodeId, std::shared_ptr<End>> listening;
  };

  std::shared_ptr<Directory> directory_ = std::make_shared<Directory>();
};

}  // namespace quorum
