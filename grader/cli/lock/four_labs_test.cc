// All four labs in one running system: a machine of the cache dies, and the ring goes on without
// it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "common/node/testing/child_process.h"
#include "common/node/testing/free_address.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "common/storage/storage_testing.h"
#include "labs/lab1_hash_ring/cache.h"
#include "labs/lab4_lock_service/ring_keeper.h"

namespace quorum::cli::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr int kTries = 3000;  // only what never comes takes so many
constexpr int kKeys = 20;

class FourLabs : public ::testing::Test {
 protected:
  FourLabs() {
    const std::string free = quorum::testing::FreeAddress();
    base_ = std::stoi(free.substr(free.find(':') + 1));
    ::setenv("QUORUM_BUILD", BUILD_FOLDER, 1);
    system_ = std::make_unique<quorum::testing::ChildProcess>(std::vector<std::string>{
        "/bin/bash", "grader/cli/four_labs.sh", (home_ / "").string(), std::to_string(base_)});
    EXPECT_EQ(system_->ReadLine(), "All four labs run. Try, from another terminal:");
    std::map<NodeId, std::string> addresses;
    for (const NodeId node : {41, 51}) {
      addresses[node] = "127.0.0.1:" + std::to_string(base_ + static_cast<int>(node));
    }
    transport_ = MakeGrpcTransport({.listen = "", .peers = addresses});
  }
  ~FourLabs() override {
    system_->Signal(SIGTERM);  // or its nodes would outlive it
    EXPECT_EQ(system_->Wait(), 0) << system_->errors();
  }

  /// Asks again until there is an answer that `is` as wanted.
  template <class Request, class Response, class Is>
  Response Ask(NodeId node, const Method<Request, Response>& method, const Request& request,
               Is is) {
    absl::Status last;
    for (int tries = 0; tries < kTries; ++tries) {
      const auto bytes =
          CallAndWait(*transport_, node, method.path, request.SerializeAsString(), 2s);
      Response response;
      last = bytes.status();
      if (bytes.ok() && response.ParseFromString(*bytes) && is(response)) return response;
      std::this_thread::sleep_for(20ms);
    }
    ADD_FAILURE() << method.path << " is not answered as it should be; at last: " << last;
    return {};
  }
  void Put(int key, const std::string& value) {
    hash_ring::PutRequest request;
    request.set_key("key-" + std::to_string(key));
    request.set_value(value);
    Ask(51, hash_ring::kPut, request, [](const auto&) { return true; });
  }
  std::string Get(int key) {
    hash_ring::GetRequest request;
    request.set_key("key-" + std::to_string(key));
    return Ask(51, hash_ring::kGet, request, [](const auto& got) { return got.found(); }).value();
  }
  /// Kills the process of a node.
  void Kill(NodeId node) {
    pid_t pid = 0;
    std::ifstream(home_ / ("node-" + std::to_string(node) + ".pid")) >> pid;
    ASSERT_GT(pid, 0);
    ::kill(pid, SIGKILL);
  }
  static std::set<NodeId> MembersOf(const hash_ring::Ring& ring) {
    std::set<NodeId> members;
    for (const hash_ring::Member& member : ring.members()) members.insert(member.node());
    return members;
  }

  const quorum::testing::TemporaryFolder home_;
  int base_ = 0;
  std::unique_ptr<quorum::testing::ChildProcess> system_;
  std::unique_ptr<GrpcTransport> transport_;
};

TEST_F(FourLabs, GoOnWithoutAMachineThatDied) {
  for (int key = 0; key < kKeys; ++key) Put(key, "before");
  Kill(24);  // a node of the cache
  Kill(34);  // and who announces it
  const std::set<NodeId> left = {21, 22, 23};
  const auto ring = Ask(41, lock_service::kGetRing, lock_service::GetRingRequest(),
                        [&](const auto& known) { return MembersOf(known.ring()) == left; });
  EXPECT_EQ(ring.ring().epoch(), 2);
  // While a replica cannot be reached its keys cannot be written: now all can.
  for (int key = 0; key < kKeys; key += 2) Put(key, "after");
  for (int key = 0; key < kKeys; ++key) EXPECT_EQ(Get(key), key % 2 == 0 ? "after" : "before");
}

}  // namespace
}  // namespace quorum::cli::testing
