#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/env/time.h"

namespace quorum::bench {

/// What a server made of a put.
struct PutOutcome {
  bool executed = false;
  NodeId hint = 0;  ///< if not: who may lead; 0: unknown
};

/// A store of three processes that is measured: ours, or one that it is compared with. All are
/// called over gRPC, by the same client.
class Store {
 public:
  virtual ~Store() = default;

  virtual const char* name() const = 0;
  /// Where its processes listen.
  virtual const std::map<NodeId, std::string>& addresses() const = 0;
  /// The method that puts, and its request.
  virtual const char* path() const = 0;
  virtual std::string Request(const std::string& key, const std::string& value) const = 0;
  /// Reads the answer of a call that succeeded.
  virtual PutOutcome Read(const std::string& response) const = 0;

  /// Flushes of its disks so far, by all processes together.
  virtual std::uint64_t Flushes() = 0;

  /// The processor time that all of them have used; while all run.
  virtual Duration CpuTime() = 0;

  virtual void Kill(NodeId node) = 0;
  virtual void Restart(NodeId node) = 0;
  virtual void Signal(NodeId node, int signal) = 0;

  /// Waits until one of the processes leads: which.
  virtual NodeId AwaitLeader() = 0;
};

/// The reference of lab 3: part 3G over Raft, gRPC and RocksDB.
std::unique_ptr<Store> StartReference();

/// etcd, if it is installed.
inline constexpr const char* kEtcd = "/usr/bin/etcd";
std::unique_ptr<Store> StartEtcd();

}  // namespace quorum::bench
