#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/node/testing/child_process.h"
#include "common/storage/storage_testing.h"

namespace quorum::bench {

/// Where Debian's libzookeeper-java and default-jre-headless put what runs a server.
inline constexpr const char* kZooKeeperJar = "/usr/share/java/zookeeper.jar";
inline constexpr const char* kJava = "/usr/bin/java";

/// Three ZooKeeper servers on loopback, which flush each change before they answer; configured as
/// Debian's example has it.
class ZooKeeperServers {
 public:
  ZooKeeperServers();

  /// Where clients connect.
  const std::map<NodeId, std::string>& addresses() const { return addresses_; }
  NodeId AwaitLeader();
  void Kill(NodeId node);
  void Restart(NodeId node);
  void Signal(NodeId node, int signal) { processes_.at(node)->Signal(signal); }
  Duration CpuTime() const;

 private:
  const testing::TemporaryFolder home_;
  std::map<NodeId, std::string> addresses_;
  std::map<NodeId, std::unique_ptr<testing::ChildProcess>> processes_;
};

}  // namespace quorum::bench
