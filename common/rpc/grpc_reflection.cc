#include "common/rpc/grpc_reflection.h"

#include <utility>

#include "common/rpc/grpc_convert.h"

namespace quorum {

/// Keeps the stream's own steps from racing with the server that ends it.
class ReflectionCall::StreamExchange : public GrpcServer::Exchange {
 public:
  explicit StreamExchange(ReflectionCall* call) : call_(call) {}

  void Abandon(const grpc::Status& status) override {
    std::lock_guard lock(mutex_);
    if (ReflectionCall* call = std::exchange(call_, nullptr)) call->Finish(status);
  }

  /// Takes one step of the stream, unless it has been ended.
  template <class Step>
  void Continue(Step step) {
    std::lock_guard lock(mutex_);
    if (call_ != nullptr) step();
  }

 private:
  std::mutex mutex_;
  ReflectionCall* call_;
};

ReflectionCall::ReflectionCall(GrpcServer& server)
    : server_(server), exchange_(std::make_shared<StreamExchange>(this)) {}

std::shared_ptr<GrpcServer::Exchange> ReflectionCall::exchange() const { return exchange_; }

void ReflectionCall::OnReadDone(bool ok) {
  grpc::reflection::v1alpha::ServerReflectionRequest request;
  if (!ok) return exchange_->Abandon(grpc::Status::OK);  // the client asks no more
  if (!request.ParseFromString(ToString(question_))) {
    return exchange_->Abandon({grpc::StatusCode::INVALID_ARGUMENT,
                               "The request is not a message of the reflection protocol."});
  }
  answer_ = ToByteBuffer(AnswerReflection(request, server_.services()).SerializeAsString());
  exchange_->Continue([this] { StartWrite(&answer_); });
}

void ReflectionCall::OnWriteDone(bool ok) {
  if (!ok) return exchange_->Abandon({grpc::StatusCode::UNAVAILABLE, "The client is gone."});
  exchange_->Continue([this] { StartRead(&question_); });
}

void ReflectionCall::OnDone() {
  server_.Ended(exchange_);
  delete this;
}

}  // namespace quorum
