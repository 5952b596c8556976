// A cell of the reference, called as the .proto says, without the library.

#include <signal.h>

#include <thread>

#include "common/node/testing/node_processes.h"
#include "common/rpc/blocking_call.h"
#include "grader/bench/locks/connections.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;
namespace ls = lock_service;

constexpr auto kRestPatience = 100ms;

class CellBencher final : public LockBencher {
 public:
  CellBencher(GrpcTransport& transport, NodeId master, NodeId servers, int number,
              Duration patience)
      : transport_(transport), master_(master), servers_(servers), patience_(patience) {
    ls::CreateSessionRequest create;
    create.set_attempt(static_cast<std::uint64_t>(number) + 1);
    session_ = Ask(ls::kCreateSession, create).session();
  }

  void AcquireAndRelease(const std::string& name) override {
    ls::AcquireRequest acquire;
    acquire.set_handle(Handle(name));
    acquire.set_mode(ls::EXCLUSIVE);
    static_cast<void>(Numbered(ls::kAcquire, acquire));
    ls::ReleaseRequest release;
    release.set_handle(Handle(name));
    static_cast<void>(Numbered(ls::kRelease, release));
  }

  void Set(const std::string& name, const std::string& contents) override {
    ls::SetContentsRequest set;
    set.set_handle(Handle(name));
    set.set_contents(contents);
    static_cast<void>(Numbered(ls::kSetContents, set));
  }

  void Rest() override {
    if (!ShowThatItCachesNothing()) TryElsewhere();
  }

 private:
  std::uint64_t Handle(const std::string& name) {
    std::uint64_t& handle = handles_[name];
    if (handle != 0) return handle;
    ls::OpenRequest open;
    open.set_path("/ls/local/" + name);
    open.set_write(true);
    open.set_create(ls::OpenRequest::IF_ABSENT);
    return handle = Numbered(ls::kOpen, open).handle();
  }

  template <class Request, class Response>
  Response Numbered(const Method<Request, Response>& method, Request request) {
    ++number_;
    request.mutable_call()->set_session(session_);
    request.mutable_call()->set_number(number_);
    request.mutable_call()->set_answered_below(number_);
    return Ask(method, request);
  }

  template <class Request, class Response>
  Response Ask(const Method<Request, Response>& method, const Request& request) {
    const std::string bytes = request.SerializeAsString();
    for (;;) {
      const auto answer = CallAndWait(transport_, master_, method.path, bytes, patience_);
      Response response;
      if (answer.ok() && response.ParseFromString(*answer)) return response;
      Check(
          !absl::IsFailedPrecondition(answer.status()) && !absl::IsUnauthenticated(answer.status()),
          "What a bench asks of a cell makes sense.");
      TryElsewhere();
      std::this_thread::sleep_for(5ms);
      ShowThatItCachesNothing();
    }
  }

  /// A new master lets nothing change before it has heard this of every session. False: whoever was
  /// told is no master.
  bool ShowThatItCachesNothing() {
    ls::KeepAliveRequest request;
    request.set_session(session_);
    return CallAndWait(transport_, master_, ls::kKeepAlive.path, request.SerializeAsString(),
                       kRestPatience)
        .ok();
  }

  void TryElsewhere() { master_ = master_ % servers_ + 1; }

  GrpcTransport& transport_;
  NodeId master_;
  const NodeId servers_;
  const Duration patience_;
  std::uint64_t session_ = 0;
  std::uint64_t number_ = 0;
  std::map<std::string, std::uint64_t> handles_;
};

class Cell final : public LockStore {
 public:
  explicit Cell(Duration lease)
      : nodes_({.role = ls::kServerRole,
                .modules = {LOCK_MODULE, LOCK_MODULE, LOCK_MODULE},
                .config = R"({"lab": {"snapshotEvery": 100000, "leaseNs": ")" +
                          std::to_string(lease.count()) + R"(",
                    "@type": "type.googleapis.com/quorum.lock_service.LockServerConfig"}})",
                .more = {"--log-module", RAFT_MODULE},
                .direct = true}) {
    nodes_.StartAll();
  }

  const std::map<NodeId, std::string>& addresses() const override { return nodes_.addresses(); }

  std::unique_ptr<LockBencher> Connect(int number, Duration patience) override {
    return std::make_unique<CellBencher>(connections_.Of(number), 1,
                                         static_cast<NodeId>(addresses().size()), number, patience);
  }

  NodeId AwaitLeader() override {
    const auto transport = MakeGrpcTransport({.listen = "", .peers = addresses()});
    for (;;) {
      for (const NodeId node : nodes_.nodes()) {
        const auto answer = CallAndWait(*transport, node, ls::kLocate.path, "", 1s);
        ls::LocateResponse known;
        // Whoever serves says its epoch.
        if (answer.ok() && known.ParseFromString(*answer) && known.epoch() != 0) return node;
      }
      std::this_thread::sleep_for(10ms);
    }
  }
  void Kill(NodeId node) override { nodes_.Kill(node); }
  void Restart(NodeId node) override { nodes_.Start(node); }
  void Signal(NodeId node, int signal) override {
    signal == SIGSTOP ? nodes_.Stop(node) : nodes_.Continue(node);
  }
  Duration CpuTime() override {
    Duration sum{};
    for (const NodeId node : nodes_.nodes()) sum += nodes_.CpuTime(node);
    return sum;
  }

 private:
  testing::NodeProcesses nodes_;
  Connections connections_{nodes_.addresses()};
};

}  // namespace

std::unique_ptr<LockStore> StartCell(Duration lease) { return std::make_unique<Cell>(lease); }

}  // namespace quorum::bench
