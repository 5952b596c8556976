// Many sessions that do nothing but stay alive.

#include <atomic>
#include <thread>
#include <vector>

#include "common/env/check.h"
#include "common/env/real/clock.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "grader/bench/locks/lock_store.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;
namespace ls = lock_service;

constexpr Duration kLease = 12s;

/// Keeps a session alive as the library does: each answer is followed by the next request, which
/// the master holds for two thirds of the lease.
class IdleSession {
 public:
  IdleSession(GrpcTransport& transport, NodeId master, std::uint64_t number, std::atomic<int>& lost)
      : transport_(transport), master_(master), lost_(lost) {
    ls::CreateSessionRequest create;
    create.set_attempt(number + 1);
    const auto bytes =
        CallAndWait(transport_, master_, ls::kCreateSession.path, create.SerializeAsString(), 60s);
    ls::CreateSessionResponse created;
    Check(bytes.ok() && created.ParseFromString(*bytes), "A session can be created.");
    request_.set_session(created.session());
    request_.set_hold_ns(Duration(kLease * 2 / 3).count());
    Send();
  }

 private:
  void Send() {
    transport_.Call(master_, ls::kKeepAlive.path, request_.SerializeAsString(),
                    MonotonicNow() + kLease,
                    [this](const absl::Status& status, const std::string&) {
                      status.ok() ? Send() : static_cast<void>(++lost_);
                    });
  }

  GrpcTransport& transport_;
  const NodeId master_;
  std::atomic<int>& lost_;
  ls::KeepAliveRequest request_;
};

}  // namespace

double MeasureIdleSessions(int sessions, int connections) {
  const auto cell = StartCell(kLease);
  const NodeId master = cell->AwaitLeader();
  std::atomic<int> lost = 0;
  std::vector<std::unique_ptr<IdleSession>> idle;
  std::vector<std::unique_ptr<GrpcTransport>> transports;  // which stop before the sessions go
  for (int i = 0; i < connections; ++i) {
    transports.push_back(MakeGrpcTransport({.listen = "", .peers = cell->addresses()}));
  }
  for (int i = 0; i < sessions; ++i) {
    idle.push_back(
        std::make_unique<IdleSession>(*transports[static_cast<std::size_t>(i % connections)],
                                      master, static_cast<std::uint64_t>(i), lost));
  }
  std::this_thread::sleep_for(kLease);  // all in their rhythm
  const Time begin = MonotonicNow();
  const Duration before = cell->CpuTime();
  std::this_thread::sleep_for(2 * kLease);
  const std::chrono::duration<double> used = cell->CpuTime() - before;
  const std::chrono::duration<double> took = MonotonicNow() - begin;
  Check(lost == 0, "No session is lost.");
  for (const auto& transport : transports) transport->Stop();
  return used / took;
}

}  // namespace quorum::bench
