#include "grader/bench/locks/zookeeper_servers.h"

#include <signal.h>

#include <fstream>
#include <thread>

#include "absl/strings/match.h"
#include "common/node/testing/free_address.h"
#include "common/node/testing/http_get.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;

constexpr NodeId kZooKeepers = 3;

std::string PortOf(const std::string& address) { return address.substr(address.rfind(':') + 1); }

}  // namespace

ZooKeeperServers::ZooKeeperServers() {
  std::string members;
  for (NodeId node = 1; node <= kZooKeepers; ++node) {
    addresses_[node] = testing::FreeAddress();
    members += "server." + std::to_string(node) + "=" + testing::FreeAddress() + ":" +
               PortOf(testing::FreeAddress()) + "\n";
  }
  for (NodeId node = 1; node <= kZooKeepers; ++node) {
    const std::string data = (home_ / std::to_string(node)).string();
    std::filesystem::create_directory(data);
    std::ofstream(data + "/myid") << node << "\n";
    std::ofstream(data + "/zoo.cfg") << "tickTime=2000\ninitLimit=10\nsyncLimit=5\nforceSync=yes\n"
                                     << "dataDir=" << data << "\nclientPortAddress=127.0.0.1\n"
                                     << "clientPort=" << PortOf(addresses_[node]) << "\n"
                                     << "maxClientCnxns=0\nadmin.enableServer=false\n"
                                     << "4lw.commands.whitelist=srvr\n"
                                     << members;
    Restart(node);
  }
}

void ZooKeeperServers::Restart(NodeId node) {
  processes_[node] = std::make_unique<testing::ChildProcess>(std::vector<std::string>{
      kJava, "-cp", kZooKeeperJar, "org.apache.zookeeper.server.quorum.QuorumPeerMain",
      (home_ / std::to_string(node) / "zoo.cfg").string()});
}

void ZooKeeperServers::Kill(NodeId node) {
  processes_.at(node)->Signal(SIGKILL);
  processes_.at(node)->Wait();
}

NodeId ZooKeeperServers::AwaitLeader() {
  for (;;) {
    for (const auto& [node, address] : addresses_) {
      if (absl::StrContains(testing::AskOverTcp(address, "srvr"), "Mode: leader")) return node;
    }
    std::this_thread::sleep_for(50ms);
  }
}

Duration ZooKeeperServers::CpuTime() const {
  Duration sum{};
  for (const auto& [node, process] : processes_) sum += process->CpuTime();
  return sum;
}

}  // namespace quorum::bench
