// What the real Env costs: echo of 256 bytes through two event loops over loopback gRPC, beside the
// same echo by generated stubs alone, measured in turns. Each server is a process of its own, as
// nodes are. Exit code 1: a bound does not hold.

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "common/env/real/clock.h"
#include "common/node/testing/child_process.h"
#include "common/node/testing/counter.grpc.pb.h"
#include "common/rpc/grpc_testing.h"
#include "grader/bench/arguments.h"

namespace quorum {
namespace {

using testing::Counter;
using testing::EchoRequest;
using testing::EchoResponse;

constexpr std::size_t kPayload = 256;
constexpr int kRounds = 25;               ///< of each kind, in turns; the best counts
constexpr double kLatencyBound = 1.5;     ///< p50, times that of the plain echo
constexpr double kThroughputBound = 0.8;  ///< calls a second, times that of the plain echo

/// Measures calls of one kind: `depth` chains of them, each beginning its next call when one ends.
class Load {
 public:
  Load(int depth, int calls) : depth_(depth), left_(calls), open_(calls) {
    latencies_.reserve(calls);
  }
  virtual ~Load() = default;

  void Run() {
    begin_ = MonotonicNow();
    BeginChains(depth_);
    finished_.get_future().wait();
  }
  double rate() const {
    return static_cast<double>(latencies_.size()) /
           std::chrono::duration<double>(end_ - begin_).count();
  }
  double MedianMicroseconds() {
    std::nth_element(latencies_.begin(), latencies_.begin() + latencies_.size() / 2,
                     latencies_.end());
    return std::chrono::duration<double, std::micro>(latencies_[latencies_.size() / 2]).count();
  }

 protected:
  virtual void BeginChains(int count) = 0;
  /// True when another call should begin.
  bool Take() {
    const std::lock_guard lock(mutex_);
    return left_-- > 0;
  }
  void Ended(Time began) {
    const std::lock_guard lock(mutex_);
    end_ = MonotonicNow();
    latencies_.push_back(end_ - began);
    if (--open_ == 0) finished_.set_value();
  }

 private:
  const int depth_;
  std::mutex mutex_;
  int left_;
  int open_;
  std::vector<Duration> latencies_;
  Time begin_, end_;
  std::promise<void> finished_;
};

EchoRequest MakeRequest() {
  EchoRequest request;
  request.set_payload(std::string(kPayload, 'x'));
  return request;
}

/// The plain echo: gRPC's callback API, as its own documentation uses it.
class PlainService : public Counter::CallbackService {
  grpc::ServerUnaryReactor* Echo(grpc::CallbackServerContext* context, const EchoRequest* request,
                                 EchoResponse* response) override {
    response->set_payload(request->payload());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

class PlainLoad : public Load {
 public:
  PlainLoad(Counter::Stub& stub, int depth, int calls) : Load(depth, calls), stub_(stub) {}

 private:
  struct Call {
    grpc::ClientContext context;
    EchoResponse response;
    Time began;
  };
  void BeginChains(int count) override {
    for (int i = 0; i < count; ++i) Next();
  }
  void Next() {
    if (!Take()) return;
    auto call = std::make_shared<Call>();
    call->began = MonotonicNow();
    call->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    stub_.async()->Echo(&call->context, &request_, &call->response,
                        [this, call](grpc::Status status) {
                          Check(status.ok(), "An echo on loopback succeeds.");
                          const Time began = call->began;
                          Next();
                          Ended(began);
                        });
  }

  Counter::Stub& stub_;
  const EchoRequest request_ = MakeRequest();
};

/// The echo between two nodes.
class NodeLoad : public Load {
 public:
  NodeLoad(NodeHost& client, int depth, int calls) : Load(depth, calls), client_(client) {}

 private:
  void BeginChains(int count) override {
    client_.RunAndWait([this, count](Env& env, Node&) {
      for (int i = 0; i < count; ++i) Next(env);
    });
  }
  void Next(Env& env) {
    if (!Take()) return;
    const Time began = env.Now();
    env.Call(1, testing::kEcho, request_, std::chrono::seconds(10),
             [this, &env, began](const absl::StatusOr<EchoResponse>& response) {
               Check(response.ok(), "An echo on loopback succeeds.");
               Next(env);
               Ended(began);
             });
  }

  NodeHost& client_;
  const EchoRequest request_ = MakeRequest();
};

std::unique_ptr<NodeHost> StartClient(const std::string& server) {
  auto host = std::make_unique<NodeHost>(
      std::make_unique<MemoryStore>(), MakeGrpcTransport({.listen = "", .peers = {{1, server}}}),
      [](std::string_view) {}, nullptr);
  Check(host->Start([](Env&) { return std::make_unique<Node>(); }).ok(), "A client can start.");
  return host;
}

/// What one kind of echo showed in its rounds.
struct Seen {
  std::vector<double> p50, rate;

  void Add(Load& load) {
    p50.push_back(load.MedianMicroseconds());
    rate.push_back(load.rate());
  }
  /// Others on the machine only ever make it slower.
  double BestP50() const { return *std::ranges::min_element(p50); }
  double BestRate() const { return *std::ranges::max_element(rate); }
};

/// Serves until it is killed, at the latest with the process that measures.
int Serve(const std::string& address) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::printf("%s\n", address.c_str());
  std::fflush(stdout);
  return ::pause();
}

int ServePlain() {
  PlainService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  return Serve("127.0.0.1:" + std::to_string(port));
}

int ServeNode() {
  const testing::CounterServer server;
  return Serve(server.address());
}

int Main() {
  testing::ChildProcess plain_server({"/proc/self/exe", "--serve-plain"});
  testing::ChildProcess node_server({"/proc/self/exe", "--serve-node"});
  const std::unique_ptr<Counter::Stub> stub = Counter::NewStub(
      grpc::CreateChannel(plain_server.ReadLine(), grpc::InsecureChannelCredentials()));
  const std::unique_ptr<NodeHost> client = StartClient(node_server.ReadLine());

  std::printf("echo of %zu bytes, best of %d rounds each\n", kPayload, kRounds);
  PlainLoad(*stub, 8, 2000).Run();  // both warm up
  NodeLoad(*client, 8, 2000).Run();
  bool holds = true;
  for (const auto& [depth, calls] : {std::pair(1, 1500), std::pair(64, 8000)}) {
    Seen plain, nodes;
    for (int round = 0; round < kRounds; ++round) {
      PlainLoad plain_load(*stub, depth, calls);
      plain_load.Run();
      plain.Add(plain_load);
      NodeLoad node_load(*client, depth, calls);
      node_load.Run();
      nodes.Add(node_load);
    }
    const double p50_ratio = nodes.BestP50() / plain.BestP50();
    const double rate_ratio = nodes.BestRate() / plain.BestRate();
    std::printf(
        "%2d in flight: plain p50 %5.0f us, %6.0f/s; real Env p50 %5.0f us, %6.0f/s; "
        "ratio of p50 %.2f, of rate %.2f\n",
        depth, plain.BestP50(), plain.BestRate(), nodes.BestP50(), nodes.BestRate(), p50_ratio,
        rate_ratio);
    std::fflush(stdout);
    holds = holds && (depth == 1 ? p50_ratio <= kLatencyBound : rate_ratio >= kThroughputBound);
  }
  std::printf("bounds: p50 alone at most %.1f times, rate in flight at least %.1f times: %s\n",
              kLatencyBound, kThroughputBound, holds ? "held" : "NOT held");
  return holds ? 0 : 1;
}

}  // namespace
}  // namespace quorum

int main(int argc, char** argv) {
  // As MakeGrpcTransport does: the plain processes must not pay for it alone.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CLI::App app("A node behind the real Env, beside plain gRPC", "real_env_bench");
  bool serve_plain = false;
  bool serve_node = false;
  app.add_flag("--serve-plain", serve_plain)->group("");
  app.add_flag("--serve-node", serve_node)->group("");
  quorum::bench::ReadArguments(app, argc, argv);
  if (serve_plain) return quorum::ServePlain();
  if (serve_node) return quorum::ServeNode();
  return quorum::Main();
}
