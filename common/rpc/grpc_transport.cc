#include "common/rpc/grpc_transport.h"

#include <grpc/support/log.h>
#include <openssl/crypto.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "common/rpc/grpc_client.h"
#include "common/rpc/grpc_server.h"
#include "common/rpc/grpc_wakefulness.h"

namespace quorum {
namespace {

/// Once a process.
/// - Debian's Abseil looks for deadlocks whenever gRPC takes one of its mutexes, at a seventh of an
///   rpc's cost: we leave it out.
/// - OpenSSL would take itself apart when `main` returns, under threads of gRPC's that still end
///   connections: the system frees its memory as well.
/// - gRPC writes a page about each error that it also reports: ours say it in a sentence, so only
///   what ends the process passes, or everything when GRPC_VERBOSITY asks for it.
void PrepareGrpc() {
  static const bool done = [] {
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);
    if (std::getenv("GRPC_VERBOSITY") != nullptr) return true;
    gpr_set_log_function([](gpr_log_func_args* line) {
      if (std::strstr(line->message, "assertion failed") == nullptr) return;
      std::fprintf(stderr, "gRPC: %s:%d: %s\n", line->file, line->line, line->message);
    });
    return true;
  }();
  static_cast<void>(done);
}

class TwoHalves : public GrpcTransport {
 public:
  explicit TwoHalves(GrpcAddresses addresses)
      : listen_(std::move(addresses.listen)),
        tls_(addresses.tls),
        client_(std::move(addresses.peers), std::move(addresses.tls)) {}
  ~TwoHalves() override { TwoHalves::Stop(); }

  absl::Status Start(Handler handler) override {
    if (listen_.empty()) return absl::OkStatus();
    return server_.Start(listen_, tls_, std::move(handler));
  }
  void Announce(const std::string& path) override { server_.Announce(path); }
  void Call(NodeId peer, const std::string& path, std::string bytes, Time deadline,
            Done done) override {
    client_.Call(peer, path, bytes, deadline, std::move(done));
  }
  void Stop() override {
    server_.Stop();
    client_.Stop();
  }
  int port() const override { return server_.port(); }

 private:
  const std::string listen_;
  const std::optional<TlsIdentity> tls_;
  GrpcServer server_;
  GrpcClient client_;
  GrpcWakefulness wakefulness_;
};

}  // namespace

std::unique_ptr<GrpcTransport> MakeGrpcTransport(GrpcAddresses addresses) {
  PrepareGrpc();
  return std::make_unique<TwoHalves>(std::move(addresses));
}

}  // namespace quorum
