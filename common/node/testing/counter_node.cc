#include "common/node/testing/counter_node.h"

#include <utility>

namespace quorum::testing {
namespace {

constexpr std::string_view kSumKey = "sum";

std::int64_t InitialSum(Env& env, const NodeConfig& config) {
  if (const auto stored = GetMessage<StoredSum>(env.storage(), kSumKey)) return stored->sum();
  CounterConfig own;
  return config.has_lab() && config.lab().UnpackTo(&own) ? own.start() : 0;
}

}  // namespace

CounterNode::CounterNode(Env& env, const NodeConfig& config)
    : env_(env), first_boot_(config.first_boot()), sum_(InitialSum(env, config)) {
  env_.Log("The counter has booted.");
  env_.Serve(kEcho, [this](const EchoRequest& request, Responder<EchoResponse> responder) {
    EchoResponse response;
    response.set_payload(request.payload());
    response.set_caller(std::string(responder.caller()));
    const Duration left = responder.deadline() - env_.Now();
    response.set_patience_ms(std::chrono::duration_cast<std::chrono::milliseconds>(left).count());
    responder.Reply(response);
  });
  env_.Serve(kFail, [](const FailRequest& request, Responder<FailResponse> responder) {
    responder.Fail(absl::Status(static_cast<absl::StatusCode>(request.code()), request.message()));
  });
  env_.Serve(kAdd, [this](const AddRequest& request, Responder<AddResponse> responder) {
    Add(request, std::move(responder));
  });
  env_.Serve(kWait, [this](const WaitRequest& request, Responder<WaitResponse> responder) {
    Wait(request, std::move(responder));
  });
  env_.Serve(kAddAt, [this](const AddAtRequest& request, Responder<AddResponse> responder) {
    AddAt(request, std::move(responder));
  });
}

void CounterNode::Add(const AddRequest& request, Responder<AddResponse> responder) {
  StoredSum stored;
  stored.set_sum(sum_ + request.amount());
  WriteBatch batch;
  batch.PutMessage(kSumKey, stored);
  if (absl::Status status = env_.storage().Write(batch); !status.ok()) {
    return responder.Fail(status);
  }
  sum_ = stored.sum();
  AddResponse response;
  response.set_sum(sum_);
  response.set_first_boot(first_boot_);
  responder.Reply(response);
}

void CounterNode::Wait(const WaitRequest& request, Responder<WaitResponse> responder) {
  const std::uint64_t id = next_wait_++;
  Timer timer = env_.After(std::chrono::milliseconds(request.milliseconds()), [this, id] {
    waiting_.at(id).responder.Reply(WaitResponse());
    waiting_.erase(id);
  });
  waiting_.emplace(id, Waiting{std::move(responder), std::move(timer)});
}

void CounterNode::AddAt(const AddAtRequest& request, Responder<AddResponse> responder) {
  env_.Call(request.node(), kAdd, request.request(),
            std::chrono::milliseconds(request.timeout_ms()),
            [responder = std::move(responder)](absl::StatusOr<AddResponse> response) mutable {
              if (!response.ok()) return responder.Fail(response.status());
              responder.Reply(*response);
            });
}

}  // namespace quorum::testing
