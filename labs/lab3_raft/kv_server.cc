// The node that serves KeyValue over a replicated log.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/kv.h"
#include "labs/lab3_raft/kv_machine.h"

namespace quorum::kv {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLookAfterSnapshots = 20ms;

KvConfig ConfigOf(const NodeConfig& config) {
  KvConfig own;
  config.lab().UnpackTo(&own);
  if (own.max_sessions() == 0) own.set_max_sessions(kUsualMaxSessions);
  if (own.snapshot_every() == 0) own.set_snapshot_every(kUsualSnapshotEvery);
  return own;
}

/// What is wrong with a request; nothing: an empty string.
std::string WhatIsWrong(const WriteRequest& request) {
  NotWritten("Refuse what kv.proto calls invalid (handout 3G, step 1).");
}

class Server final : public Node {
 public:
  Server(Env& env, const NodeConfig& config, ReplicatedLogFactory make_log)
      : env_(env),
        config_(ConfigOf(config)),
        machine_(config_.max_sessions()),
        log_(make_log(env, config, machine_)) {
    env_.Serve(kOpenSession, [this](const OpenSessionRequest& request, auto responder) {
      Command command;
      *command.mutable_open_session() = request;
      Execute(command, std::move(responder));
    });
    env_.Serve(kWrite, [this](const WriteRequest& request, auto responder) {
      const std::string wrong = WhatIsWrong(request);
      if (!wrong.empty()) return responder.Fail(absl::InvalidArgumentError(wrong));
      Command command;
      *command.mutable_write() = request;
      Execute(command, std::move(responder));
    });
    env_.Serve(kGet, [this](const GetRequest& request, auto responder) {
      Get(request.key(), std::move(responder));
    });
    LookAfterSnapshots();
  }

 private:
  /// Has `command` applied, and answers what became of just this one.
  template <class Response>
  void Execute(const Command& command, Responder<Response> responder) {
    NotWritten(
        "Propose the command; answer what it was, or why it is not known (handout 3G, step 1).");
  }

  void Get(const std::string& key, Responder<GetResponse> responder) {
    NotWritten("Read after a ReadBarrier (handout 3G, step 1).");
  }

  /// Not from within Apply: the log is in the middle of something then.
  void LookAfterSnapshots() {
    if (machine_.applied_since_snapshot() >= config_.snapshot_every()) HandOverSnapshot();
    look_ = env_.After(kLookAfterSnapshots, [this] { LookAfterSnapshots(); });
  }

  void HandOverSnapshot() {
    NotWritten("Hand the log a snapshot of what is applied (handout 3G, step 5).");
  }

  Env& env_;
  const KvConfig config_;
  Machine machine_;
  std::unique_ptr<ReplicatedLog> log_;  // after what it drives
  Timer look_;
};

}  // namespace

std::unique_ptr<Node> MakeServer(Env& env, const NodeConfig& config,
                                 ReplicatedLogFactory make_log) {
  return std::make_unique<Server>(env, config, make_log);
}

}  // namespace quorum::kv
