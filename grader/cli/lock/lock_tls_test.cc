// Who may use a cell that speaks TLS, and what a client may do with what is another one's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/node/testing/free_address.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "common/rpc/remote_schema.h"
#include "grader/cli/lock/lock_testing.h"

namespace quorum::cli::testing {
namespace {

using namespace std::chrono_literals;
using absl::IsPermissionDenied;
using absl::IsUnavailable;
namespace ls = lock_service;

constexpr Duration kPatience = 60s;  // so long that only a bug makes a test wait for it

/// One who calls the cell without a library, under a name.
class Caller {
 public:
  Caller(std::map<NodeId, std::string> servers, std::optional<TlsIdentity> tls)
      : servers_(servers),
        transport_(
            MakeGrpcTransport({.listen = "", .peers = std::move(servers), .tls = std::move(tls)})) {
  }

  /// What the master answers.
  template <class Request, class Response>
  absl::StatusOr<Response> Ask(const Method<Request, Response>& method, const Request& request) {
    for (;;) {
      const auto bytes =
          CallAndWait(*transport_, server_, method.path, request.SerializeAsString(), kPatience);
      Response response;
      if (bytes.ok() && response.ParseFromString(*bytes)) return response;
      if (!IsUnavailable(bytes.status())) return bytes.status();
      server_ = server_ % servers_.size() + 1;
    }
  }

  /// What the first server says to anything at all.
  absl::Status Try(const std::string& path) {
    return CallAndWait(*transport_, 1, path, "", kPatience).status();
  }
  GrpcTransport& transport() { return *transport_; }

 private:
  const std::map<NodeId, std::string> servers_;
  const std::unique_ptr<GrpcTransport> transport_;
  NodeId server_ = 1;
};

class LockTls : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { cell_ = new LockCell; }
  static void TearDownTestSuite() { delete cell_; }

  static Caller As(const std::string& name) {
    return {cell_->servers().addresses(), *ReadTlsIdentity(cell_->tls(), name)};
  }
  static void ExpectRefused(Caller caller) {
    for (const char* path : {ls::kLocate.path, ls::kCreateSession.path,
                             "/grpc.health.v1.Health/Check", "/quorum.raft.Raft/RequestVote"}) {
      EXPECT_TRUE(IsUnavailable(caller.Try(path))) << path << ": " << caller.Try(path);
    }
    RemoteSchema schema(caller.transport(), 1, kPatience);
    EXPECT_TRUE(IsUnavailable(schema.Services().status()));
  }

  static LockCell* cell_;
};
LockCell* LockTls::cell_ = nullptr;

TEST_F(LockTls, ServesNothingWithoutACertificate) {
  EXPECT_TRUE(As("alice").Try(ls::kLocate.path).ok());
  EXPECT_TRUE(As("alice").Try("/grpc.health.v1.Health/Check").ok());
  // In plain text; with the right authority but no certificate; with another authority's.
  ExpectRefused({cell_->servers().addresses(), std::nullopt});
  ExpectRefused({cell_->servers().addresses(),
                 TlsIdentity{ReadTlsIdentity(cell_->tls(), "alice")->authority, "", ""}});
  const std::string foreign = (cell_->home() / "foreign").string();
  ASSERT_TRUE(MakeAuthority(foreign).ok());
  ASSERT_TRUE(MakeCertificate(foreign, "alice").ok());
  TlsIdentity stranger = *ReadTlsIdentity(foreign, "alice");
  ExpectRefused({cell_->servers().addresses(), stranger});
  stranger.authority = ReadTlsIdentity(cell_->tls(), "alice")->authority;
  ExpectRefused({cell_->servers().addresses(), stranger});
}

TEST_F(LockTls, NoClientPassesForAServer) {
  const std::string address = quorum::testing::FreeAddress();
  const auto impostor = MakeGrpcTransport(
      {.listen = address, .peers = {}, .tls = *ReadTlsIdentity(cell_->tls(), "bob")});
  ASSERT_TRUE(impostor->Start([](Transport::Request request) { request.reply({}, ""); }).ok());
  Caller alice({{1, address}}, *ReadTlsIdentity(cell_->tls(), "alice"));
  EXPECT_TRUE(IsUnavailable(alice.Try(ls::kLocate.path)));
}

TEST_F(LockTls, OnlyNodesSayWhatNodesSayToEachOther) {
  // A candidate of term 0, whom every server tells its own term.
  const char* vote = "/quorum.raft.Raft/RequestVote";
  const absl::Status refused = As("alice").Try(vote);
  EXPECT_TRUE(IsPermissionDenied(refused)) << refused;
  EXPECT_EQ(refused.message(),
            "Only nodes may call /quorum.raft.Raft/RequestVote, and alice is none.");
  for (const char* path : {"/quorum.raft.Raft/AppendEntries", "/quorum.raft.Raft/InstallSnapshot",
                           "/quorum.raft.Raft/PreVote", "/quorum.raft.Raft/TimeoutNow"}) {
    EXPECT_TRUE(IsPermissionDenied(As("alice").Try(path))) << path << ": " << As("alice").Try(path);
  }
  EXPECT_TRUE(As("node-2").Try(vote).ok()) << As("node-2").Try(vote);
}

TEST_F(LockTls, NobodyUsesTheSessionOrHandleOfAnother) {
  Caller alice = As("alice");
  Caller bob = As("bob");
  ls::CreateSessionRequest begin;
  begin.set_attempt(7);
  const std::uint64_t hers = alice.Ask(ls::kCreateSession, begin)->session();
  const std::uint64_t his = bob.Ask(ls::kCreateSession, begin)->session();
  EXPECT_NE(hers, his);  // though both chose the same attempt

  std::uint64_t number = 0;
  const auto fill = [&number](auto request, std::uint64_t session, std::uint64_t handle) {
    request.mutable_call()->set_session(session);
    request.mutable_call()->set_number(++number);
    request.mutable_call()->set_answered_below(number);
    request.set_handle(handle);
    return request;
  };
  ls::OpenRequest open;
  open.mutable_call()->set_session(hers);
  open.mutable_call()->set_number(++number);
  open.mutable_call()->set_answered_below(number);
  open.set_path("/ls/local/hers");
  open.set_write(true);
  open.set_create(ls::OpenRequest::IF_ABSENT);
  EXPECT_TRUE(IsPermissionDenied(bob.Ask(ls::kOpen, open).status()));
  const std::uint64_t handle = alice.Ask(ls::kOpen, open)->handle();

  for (const std::uint64_t session : {hers, his}) {
    ls::AcquireRequest acquire = fill(ls::AcquireRequest(), session, handle);
    acquire.set_mode(ls::EXCLUSIVE);
    EXPECT_TRUE(IsPermissionDenied(bob.Ask(ls::kAcquire, acquire).status()));
    EXPECT_TRUE(IsPermissionDenied(
        bob.Ask(ls::kSetContents, fill(ls::SetContentsRequest(), session, handle)).status()));
    EXPECT_TRUE(IsPermissionDenied(
        bob.Ask(ls::kGetStat, fill(ls::GetStatRequest(), session, handle)).status()));
    EXPECT_TRUE(IsPermissionDenied(
        bob.Ask(ls::kClose, fill(ls::CloseRequest(), session, handle)).status()));
  }
  ls::KeepAliveRequest keep;
  keep.set_session(hers);
  EXPECT_TRUE(IsPermissionDenied(bob.Ask(ls::kKeepAlive, keep).status()));
  ls::EndSessionRequest end;
  end.set_session(hers);
  EXPECT_TRUE(IsPermissionDenied(bob.Ask(ls::kEndSession, end).status()));
  EXPECT_TRUE(alice.Ask(ls::kGetStat, fill(ls::GetStatRequest(), hers, handle)).ok());
}

}  // namespace
}  // namespace quorum::cli::testing
