#include <deque>
#include <utility>

#include "labs/lab0_echo/echo.h"

namespace quorum::echo {
namespace {

using namespace std::chrono_literals;

constexpr char kIncarnationKey[] = "incarnation";
constexpr Duration kCallTimeout = 100ms;
constexpr Duration kShortestPause = 20ms;
constexpr Duration kLongestPause = 60ms;

class EchoClient final : public Node {
 public:
  EchoClient(Env& env, const NodeConfig& config) : env_(env), self_(config.self()) {
    env_.Serve(kSay, [this](const SayRequest& request, Responder<SayResponse> responder) {
      waiting_.push_back({request, std::move(responder)});
      if (waiting_.size() == 1) BeginFirst();
    });
    TakeIncarnation();
  }

 private:
  struct Waiting {
    SayRequest request;
    Responder<SayResponse> responder;
  };

  /// Counts this boot, durably: the ids of its requests are then no other boot's.
  void TakeIncarnation() {
    Counter boots = GetMessage<Counter>(env_.storage(), kIncarnationKey).value_or(Counter());
    boots.set_value(boots.value() + 1);
    WriteBatch batch;
    batch.PutMessage(kIncarnationKey, boots);
    if (!env_.storage().Write(batch).ok()) {  // the disk is full: until that passes, wait
      retry_ = env_.After(kLongestPause, [this] { TakeIncarnation(); });
      return;
    }
    incarnation_ = boots.value();
    if (!waiting_.empty()) BeginFirst();
  }

  /// Asks for the first of those that wait, under a new id.
  void BeginFirst() {
    if (incarnation_ == 0) return;
    ++sequence_;
    Try();
  }

  /// Sends it, and sends it again until it is answered: always under the same id.
  void Try() {
    EchoRequest request;
    request.mutable_id()->set_client(self_);
    request.mutable_id()->set_incarnation(incarnation_);
    request.mutable_id()->set_sequence(sequence_);
    request.set_text(waiting_.front().request.text());
    env_.Call(kServer, kEcho, request, kCallTimeout, [this](absl::StatusOr<EchoResponse> response) {
      if (response.ok()) return Finish(*response);
      // Whatever the error is, the server may have executed the request, or may not.
      retry_ = env_.After(env_.RandomBetween(kShortestPause, kLongestPause), [this] { Try(); });
    });
  }

  void Finish(const EchoResponse& response) {
    SayResponse answer;
    answer.set_text(response.text());
    answer.set_execution(response.execution());
    waiting_.front().responder.Reply(answer);
    waiting_.pop_front();
    if (!waiting_.empty()) BeginFirst();
  }

  Env& env_;
  NodeId self_;
  std::uint64_t incarnation_ = 0;  // 0: not yet taken
  std::uint64_t sequence_ = 0;
  std::deque<Waiting> waiting_;
  Timer retry_;
};

}  // namespace

std::unique_ptr<Node> MakeEchoClient(Env& env, const NodeConfig& config) {
  return std::make_unique<EchoClient>(env, config);
}

}  // namespace quorum::echo
