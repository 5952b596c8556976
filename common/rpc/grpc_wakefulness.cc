#include "common/rpc/grpc_wakefulness.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <future>

#include "common/rpc/grpc_convert.h"

namespace quorum {
namespace {

constexpr std::chrono::milliseconds kInterval{400};

}  // namespace

GrpcWakefulness::GrpcWakefulness()
    : stub_(grpc::CreateChannel("ipv4:127.0.0.1:1", grpc::InsecureChannelCredentials())),
      thread_([this] { Run(); }) {}

GrpcWakefulness::~GrpcWakefulness() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void GrpcWakefulness::Run() {
  const auto stopped = [this] { return stopped_; };
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kInterval, stopped)) {
    lock.unlock();
    Tick();
    lock.lock();
  }
}

void GrpcWakefulness::Tick() {
  // Destroyed here and not in the callback: see GrpcClient::PendingCall.
  grpc::ClientContext context;
  context.TryCancel();
  const grpc::ByteBuffer request = ToByteBuffer("");
  grpc::ByteBuffer response;
  std::promise<void> ended;
  stub_.UnaryCall(&context, "/-", grpc::StubOptions(), &request, &response,
                  [&ended](const grpc::Status&) { ended.set_value(); });
  ended.get_future().wait();
}

}  // namespace quorum
