#include <string>
#include <tuple>

#include "labs/lab0_echo/echo.h"

namespace quorum::echo {
namespace {

constexpr char kExecutionsKey[] = "executions";

std::string LastAnswerKey(NodeId client) { return "last/" + std::to_string(client); }

bool Older(const RequestId& a, const RequestId& b) {
  return std::tuple(a.incarnation(), a.sequence()) < std::tuple(b.incarnation(), b.sequence());
}

// This server has one bug. `./quorum grade echo --impl planted_bug` finds a run that shows it;
// replay that run, read its diagram from the crash backwards, and say which two lines are to blame.
class EchoServer final : public Node {
 public:
  explicit EchoServer(Env& env) : env_(env) {
    // Whatever an earlier boot had in its fields is gone; what it had written is not.
    executions_ = GetMessage<Counter>(env_.storage(), kExecutionsKey).value_or(Counter());
    env_.Serve(kEcho, [this](const EchoRequest& request, Responder<EchoResponse> responder) {
      Echo(request, std::move(responder));
    });
  }

 private:
  void Echo(const EchoRequest& request, Responder<EchoResponse> responder) {
    const std::string key = LastAnswerKey(request.id().client());
    if (const auto last = GetMessage<Answered>(env_.storage(), key)) {
      if (Older(request.id(), last->id())) {
        // A late repetition: its client has the answer and has asked for something else since.
        return responder.Fail(absl::AbortedError("A later request of this client was answered."));
      }
      if (!Older(last->id(), request.id())) {
        return responder.Reply(last->response());  // a repetition: the same answer again
      }
    }
    Counter executions = executions_;
    executions.set_value(executions.value() + 1);
    Answered answered;
    *answered.mutable_id() = request.id();
    answered.mutable_response()->set_text(request.text());
    answered.mutable_response()->set_execution(executions.value());

    WriteBatch counted;
    counted.PutMessage(kExecutionsKey, executions);
    if (const absl::Status written = env_.storage().Write(counted); !written.ok()) {
      return responder.Fail(written);
    }
    executions_ = executions;
    WriteBatch remembered;
    remembered.PutMessage(key, answered);
    if (const absl::Status written = env_.storage().Write(remembered); !written.ok()) {
      return responder.Fail(written);
    }
    responder.Reply(answered.response());
  }

  Env& env_;
  Counter executions_;
};

}  // namespace

std::unique_ptr<Node> MakeEchoServer(Env& env, const NodeConfig& config) {
  return std::make_unique<EchoServer>(env);
}

}  // namespace quorum::echo
