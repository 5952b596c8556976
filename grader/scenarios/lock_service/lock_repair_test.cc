// A replica whose data is damaged: it says so and stays away; its disk is wiped, and it comes back
// under a new id by a change of membership. Nothing that was acknowledged is lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/node/testing/damage.h"
#include "common/node/testing/node_processes.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "labs/lab3_raft/raft.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::grader::lock_service {
namespace {

using namespace std::chrono_literals;
using quorum::testing::NodeProcesses;
namespace ls = quorum::lock_service;

constexpr int kTries = 2000;  // only what never comes takes so many

/// A cell of the servers 1 to 3; 4 waits for its turn. And a client.
class LockRepair : public ::testing::Test {
 protected:
  LockRepair() {
    for (const NodeId node : {1, 2, 3}) servers_.Start(node);
    ls::CreateSessionRequest create;
    create.set_attempt(1);
    session_ = Ask(ls::kCreateSession, create).session();
    ls::OpenRequest open;
    open.set_path("/ls/local/file");
    open.set_write(true);
    open.set_create(ls::OpenRequest::IF_ABSENT);
    handle_ = Numbered(ls::kOpen, open).handle();
  }

  /// Asks one server after the other until one answers.
  template <class Request, class Response>
  Response Ask(const Method<Request, Response>& method, const Request& request) {
    for (int tries = 0; tries < kTries; ++tries) {
      const auto bytes =
          CallAndWait(*transport_, server_, method.path, request.SerializeAsString(), 1s);
      Response response;
      if (bytes.ok() && response.ParseFromString(*bytes)) return response;
      server_ = server_ % 4 + 1;
      std::this_thread::sleep_for(5ms);
    }
    ADD_FAILURE() << method.path << " is not answered.";
    return {};
  }
  template <class Request, class Response>
  Response Numbered(const Method<Request, Response>& method, Request request) {
    ++number_;
    request.mutable_call()->set_session(session_);
    request.mutable_call()->set_number(number_);
    request.mutable_call()->set_answered_below(number_);
    return Ask(method, request);
  }
  void Write(const std::string& contents) {
    ls::SetContentsRequest set;
    set.set_handle(handle_);
    set.set_contents(contents);
    EXPECT_TRUE(Numbered(ls::kSetContents, set).written());
  }
  std::string Read() {
    ls::GetContentsAndStatRequest get;
    get.mutable_call()->set_session(session_);
    get.mutable_call()->set_answered_below(number_ + 1);
    get.set_handle(handle_);
    return Ask(ls::kGetContentsAndStat, get).contents();
  }
  void ChangeVoters(const std::vector<NodeId>& voters) {
    raft::ChangeMembershipRequest change;
    change.mutable_voters()->Add(voters.begin(), voters.end());
    for (int tries = 0; tries < kTries; ++tries) {
      const auto response = Ask(raft::kChangeMembership, change);
      if (response.outcome() == raft::ChangeMembershipResponse::CHANGED) return;
      last_reason_ = response.reason();
      server_ = server_ % 4 + 1;
    }
    ADD_FAILURE() << "The configuration does not change: " << last_reason_;
  }
  NodeProcesses servers_{{.role = ls::kServerRole,
                          .modules = std::vector<std::string>(4, LOCK_SOLVED),
                          .config = R"({"peers": [1, 2, 3], "features": ["membership"],
            "lab": {"@type": "type.googleapis.com/quorum.lock_service.LockServerConfig",
                    "leaseNs": "600000000000"}})",
                          .more = {"--log-module", RAFT_SOLVED},
                          .direct = true}};
  const std::unique_ptr<GrpcTransport> transport_ =
      MakeGrpcTransport({.listen = "", .peers = servers_.addresses()});
  NodeId server_ = 1;
  std::uint64_t session_ = 0;
  std::uint64_t handle_ = 0;
  std::uint64_t number_ = 0;
  std::string last_reason_;
};

TEST_F(LockRepair, ADamagedReplicaComesBackUnderANewId) {
  Write("before");
  servers_.Kill(2);
  EXPECT_GT(quorum::testing::DamageData(servers_.folder(2)), 0);
  EXPECT_THAT(
      servers_.RefusalOf(2),
      ::testing::ContainsRegex("The data folder .*/node-2 is damaged: .*; restore it from a "
                               "copy, or remove it and give the node a new id."));
  Write("without it");
  // Its machine, wiped, is server 4 from now on. Two of three are needed, so it must really take
  // part: the third one leaves as well.
  servers_.Start(4);
  ChangeVoters({1, 3, 4});
  EXPECT_EQ(Read(), "without it");
  servers_.Kill(1);
  Write("without two");
  EXPECT_EQ(Read(), "without two");
}

}  // namespace
}  // namespace quorum::grader::lock_service
