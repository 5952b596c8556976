#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/env/time.h"

namespace quorum::bench {

/// A client of a lock service that is measured, on a thread of its own. What is not answered in
/// time it tries elsewhere, until it is done.
class LockBencher {
 public:
  virtual ~LockBencher() = default;
  /// Acquires the lock `name` and releases it.
  virtual void AcquireAndRelease(const std::string& name) = 0;
  /// Writes a small file, or a key.
  virtual void Set(const std::string& name, const std::string& contents) = 0;
  /// Does what others may wait for while it has nothing to do itself; called every now and then.
  virtual void Rest() {}
};

/// A lock service of three processes: ours, or one that it is compared with.
class LockStore {
 public:
  virtual ~LockStore() = default;
  virtual const std::map<NodeId, std::string>& addresses() const = 0;
  /// A client, over one of `kConnections` connections; `patience` is with each request.
  virtual std::unique_ptr<LockBencher> Connect(int number, Duration patience) = 0;
  /// Waits until one of the processes leads: which.
  virtual NodeId AwaitLeader() = 0;
  virtual void Kill(NodeId node) = 0;
  virtual void Restart(NodeId node) = 0;
  virtual void Signal(NodeId node, int signal) = 0;
  /// The processor time that all of them have used.
  virtual Duration CpuTime() = 0;
};

/// How many connections all clients of a store share.
inline constexpr int kConnections = 4;

/// A cell of the reference over Raft; its leases last for `lease`.
std::unique_ptr<LockStore> StartCell(Duration lease);

/// etcd's lock and key-value services, if it is installed (`kEtcd`, puts/store.h).
std::unique_ptr<LockStore> StartEtcdLocks();

/// Why there is no ZooKeeper to compare with, in a sentence; null: there is one.
const char* WhyNoZooKeeper();
/// ZooKeeper with its recipe for locks and its nodes' data.
std::unique_ptr<LockStore> StartZooKeeperLocks();

/// The processor time, in parts of a core, that a cell takes for so many sessions that do nothing,
/// over so many connections, with leases of 12 s; of all servers together, over two leases.
double MeasureIdleSessions(int sessions, int connections);

}  // namespace quorum::bench
