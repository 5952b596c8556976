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
  // [solution: Refuse what kv.proto calls invalid (handout 3G, step 1).]
  if (request.kind_case() == WriteRequest::KIND_NOT_SET) return "The request says nothing to do.";
  if (!request.has_id()) return "";
  const RequestId& id = request.id();
  if (id.first_unanswered() == 0 || id.sequence() < id.first_unanswered()) {
    return "first_unanswered is not between 1 and sequence.";
  }
  if (id.sequence() - id.first_unanswered() >= kWindow) {
    return "Too many numbers from first_unanswered to sequence.";
  }
  return "";
  // [end]
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
    // [solution: Propose the command; answer what it was, or why it is not known (handout 3G, step
    // 1).]
    log_->Propose(command.SerializeAsString(),
                  [responder = std::move(responder)](const ProposeOutcome& outcome) mutable {
                    Response response;
                    if (outcome.kind == ProposeOutcome::Kind::kApplied) {
                      response.ParseFromString(outcome.result);
                    } else if (outcome.kind == ProposeOutcome::Kind::kNotLeader) {
                      response.set_outcome(NOT_LEADER);
                      response.set_leader_hint(outcome.leader_hint);
                    } else {
                      response.set_outcome(UNKNOWN);
                    }
                    responder.Reply(response);
                  });
    // [end]
  }

  void Get(const std::string& key, Responder<GetResponse> responder) {
    // [solution: Read after a ReadBarrier (handout 3G, step 1).]
    log_->ReadBarrier(
        [this, key, responder = std::move(responder)](const absl::Status& status) mutable {
          GetResponse response;
          if (status.ok()) {
            const auto value = machine_.Get(key);
            response.set_outcome(EXECUTED);
            response.set_found(value.has_value());
            response.set_value(value.value_or(""));
          } else {
            response.set_outcome(NOT_LEADER);
            response.set_leader_hint(log_->leader());
          }
          responder.Reply(response);
        });
    // [end]
  }

  /// Not from within Apply: the log is in the middle of something then.
  void LookAfterSnapshots() {
    if (machine_.applied_since_snapshot() >= config_.snapshot_every()) HandOverSnapshot();
    look_ = env_.After(kLookAfterSnapshots, [this] { LookAfterSnapshots(); });
  }

  void HandOverSnapshot() {
    // [solution: Hand the log a snapshot of what is applied (handout 3G, step 5).]
    machine_.SnapshotTaken();
    log_->DiscardUpTo(machine_.applied(), machine_.Snapshot());
    // [end]
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
