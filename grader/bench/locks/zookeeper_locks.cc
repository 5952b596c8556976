// ZooKeeper by its own client library for C: a lock is its recipe (a node of each who wants it,
// ephemeral and numbered, that waits for the one before), a small file is a node's data.

#include <unistd.h>
#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <semaphore>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/env/check.h"
#include "grader/bench/locks/lock_store.h"
#include "grader/bench/locks/zookeeper_servers.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kSessionMs = 10'000;

/// A session, and another one should it expire.
class ZooKeeperConnection {
 public:
  /// `hosts` are tried in this order.
  explicit ZooKeeperConnection(std::string hosts) : hosts_(std::move(hosts)) { Open(); }
  ZooKeeperConnection(const ZooKeeperConnection&) = delete;
  ZooKeeperConnection& operator=(const ZooKeeperConnection&) = delete;
  ~ZooKeeperConnection() {
    for (zhandle_t* handle : handles_) zookeeper_close(handle);
  }

  /// Clients on other threads may still use an expired one, which does nothing any more.
  zhandle_t* Get() {
    std::lock_guard lock(mutex_);
    if (zoo_state(handles_.back()) == ZOO_EXPIRED_SESSION_STATE) Open();
    return handles_.back();
  }

 private:
  void Open() {
    handles_.push_back(zookeeper_init(
        hosts_.c_str(), [](zhandle_t*, int, int, const char*, void*) {}, kSessionMs, nullptr,
        nullptr, 0));
    Check(handles_.back() != nullptr, "A client of ZooKeeper can be made.");
  }

  const std::string hosts_;
  std::mutex mutex_;
  std::vector<zhandle_t*> handles_;
};

class ZooKeeperBencher final : public LockBencher {
 public:
  explicit ZooKeeperBencher(ZooKeeperConnection& connection) : connection_(connection) {}

  void AcquireAndRelease(const std::string& name) override {
    const std::string folder = "/lock-" + name;
    if (known_.insert(folder).second) Make(folder);
    char own[256];
    Must(zoo_create(connection_.Get(), (folder + "/n-").c_str(), "", 0, &ZOO_OPEN_ACL_UNSAFE,
                    ZOO_EPHEMERAL | ZOO_SEQUENCE, own, sizeof own));
    const std::string mine = std::string(own).substr(folder.size() + 1);
    for (;;) {
      const std::string before = LastBefore(folder, mine);
      if (before.empty()) break;
      AwaitEndOf(folder + "/" + before);
    }
    Must(zoo_delete(connection_.Get(), own, -1));
  }

  void Set(const std::string& name, const std::string& contents) override {
    const std::string path = "/" + name;
    if (known_.insert(path).second) Make(path);
    while (zoo_set(connection_.Get(), path.c_str(), contents.data(),
                   static_cast<int>(contents.size()), -1) != ZOK) {
      std::this_thread::sleep_for(5ms);
    }
  }

 private:
  /// Locks are measured while nothing fails.
  static void Must(int code) { Check(code == ZOK, "ZooKeeper does what a bench of locks asks."); }

  void Make(const std::string& path) {
    for (;;) {
      const int code =
          zoo_create(connection_.Get(), path.c_str(), "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, nullptr, 0);
      if (code == ZOK || code == ZNODEEXISTS) return;
      std::this_thread::sleep_for(5ms);
    }
  }

  /// Of those who want the lock, whoever comes just before `mine`; empty: nobody does.
  std::string LastBefore(const std::string& folder, const std::string& mine) {
    String_vector all = {};
    Must(zoo_get_children(connection_.Get(), folder.c_str(), 0, &all));
    std::string last;
    for (std::int32_t i = 0; i < all.count; ++i) {
      if (all.data[i] < mine) last = std::max(last, std::string(all.data[i]));
    }
    deallocate_String_vector(&all);
    return last;
  }

  void AwaitEndOf(const std::string& path) {
    // Reading it leaves no watch behind when it is gone already.
    char none[1];
    int length = 0;
    const int code = zoo_wget(connection_.Get(), path.c_str(), &ZooKeeperBencher::OnChange, this,
                              none, &length, nullptr);
    if (code == ZNONODE) return;
    Must(code);
    changed_.acquire();
  }

  static void OnChange(zhandle_t*, int type, int, const char*, void* self) {
    if (type != ZOO_SESSION_EVENT) static_cast<ZooKeeperBencher*>(self)->changed_.release();
  }

  ZooKeeperConnection& connection_;
  std::set<std::string> known_;
  std::counting_semaphore<> changed_{0};
};

class ZooKeeperLocks final : public LockStore {
 public:
  const std::map<NodeId, std::string>& addresses() const override { return servers_.addresses(); }
  std::unique_ptr<LockBencher> Connect(int number, Duration) override {
    auto& connection = connections_[static_cast<std::size_t>(number) % kConnections];
    if (connection == nullptr) connection = std::make_unique<ZooKeeperConnection>(Hosts());
    return std::make_unique<ZooKeeperBencher>(*connection);
  }
  NodeId AwaitLeader() override { return servers_.AwaitLeader(); }
  void Kill(NodeId node) override { servers_.Kill(node); }
  void Restart(NodeId node) override { servers_.Restart(node); }
  void Signal(NodeId node, int signal) override { servers_.Signal(node, signal); }
  Duration CpuTime() override { return servers_.CpuTime(); }

 private:
  /// The leader first: like the others, it is asked without a detour.
  std::string Hosts() {
    const NodeId leader = AwaitLeader();
    std::vector<std::string> hosts = {addresses().at(leader)};
    for (const auto& [node, address] : addresses()) {
      if (node != leader) hosts.push_back(address);
    }
    return absl::StrJoin(hosts, ",");
  }

  ZooKeeperServers servers_;
  std::array<std::unique_ptr<ZooKeeperConnection>, kConnections> connections_;
};

}  // namespace

const char* WhyNoZooKeeper() {
  const bool there = ::access(kZooKeeperJar, R_OK) == 0 && ::access(kJava, X_OK) == 0;
  return there ? nullptr : "apt-get install libzookeeper-java default-jre-headless";
}

std::unique_ptr<LockStore> StartZooKeeperLocks() {
  zoo_set_debug_level(static_cast<ZooLogLevel>(0));
  zoo_deterministic_conn_order(1);
  return std::make_unique<ZooKeeperLocks>();
}

}  // namespace quorum::bench
