// Stands in for zookeeper_locks.cc where the library was not there when this was configured.

#include "common/env/check.h"
#include "grader/bench/locks/lock_store.h"

namespace quorum::bench {

const char* WhyNoZooKeeper() {
  return "this was built without its library; ./quorum bench installs what "
         "docker/bench-packages.txt lists, and builds again";
}

std::unique_ptr<LockStore> StartZooKeeperLocks() {
  CheckFailed("ZooKeeper is started only where there is one.", SourcePlace::Here());
}

}  // namespace quorum::bench
