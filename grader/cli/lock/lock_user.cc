#include "grader/cli/lock/lock_user.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/env/check.h"
#include "common/rpc/grpc_transport.h"
#include "common/storage/memory_store.h"

namespace quorum::cli {
namespace {

/// As far as the clock of this machine may be off: what NTP may slew, twice.
constexpr std::uint32_t kClockRateBound = 1000;

[[noreturn]] void EndProcess(std::string_view sentence, SourcePlace where) {
  std::fprintf(stderr, "quorum lock: the session library cannot go on (%s:%d): %s\n", where.file,
               static_cast<int>(where.line), std::string(sentence).c_str());
  std::_Exit(1);  // no destructors: other threads run on
}

NodeConfig ConfigOf(const Cell& cell) {
  lock_service::LockClientConfig own;
  own.set_grace_ns(cell.grace.count());
  for (const auto& [server, address] : cell.servers) own.add_servers(server);
  NodeConfig config;
  config.set_self(cell.servers.rbegin()->first + 1);
  config.set_first_boot(true);
  config.set_clock_rate_bound_ppm(kClockRateBound);
  config.mutable_lab()->PackFrom(own);
  return config;
}

}  // namespace

class LockUser::Desk final : public Transport {
 public:
  explicit Desk(const Cell& cell)
      : grpc_(MakeGrpcTransport({.listen = "", .peers = cell.servers, .tls = cell.tls})) {}

  absl::Status Start(Handler handler) override {
    handler_ = std::move(handler);
    return absl::OkStatus();
  }
  void Call(NodeId peer, const std::string& path, std::string bytes, Time deadline,
            Done done) override {
    grpc_->Call(peer, path, std::move(bytes), deadline, std::move(done));
  }
  void Stop() override { grpc_->Stop(); }

  void Hand(Request request) { handler_(std::move(request)); }

 private:
  const std::unique_ptr<GrpcTransport> grpc_;
  Handler handler_;
};

LockUser::LockUser(const Cell& cell) {
  auto desk = std::make_unique<Desk>(cell);
  desk_ = desk.get();
  host_ = std::make_unique<NodeHost>(
      std::make_unique<MemoryStore>(), std::move(desk), [](std::string_view) {}, nullptr);
}

absl::StatusOr<std::unique_ptr<LockUser>> LockUser::Start(const ModuleTable& module,
                                                          const Cell& cell) {
  const auto role = std::ranges::find(module.roles, std::string_view(lock_service::kClientRole),
                                      [](const Role& offered) { return offered.name; });
  if (role == module.roles.end() || role->node == nullptr) {
    return absl::InvalidArgumentError("The module offers no session library.");
  }
  SetCheckFailureHandler(EndProcess);
  std::unique_ptr<LockUser> user(new LockUser(cell));
  const absl::Status started = user->host_->Start(
      [make = role->node, config = ConfigOf(cell)](Env& env) { return make(env, config); });
  if (!started.ok()) return started;
  return user;
}

void LockUser::Send(const char* path, std::string bytes, Transport::Done done) {
  desk_->Hand({path, std::move(bytes), "", Time::max(), std::move(done)});
}

}  // namespace quorum::cli
