#include "common/rpc/grpc_client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_convert.h"
#include "common/rpc/grpc_transport.h"

namespace quorum {
namespace {

grpc::ChannelArguments ChannelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  // A process that returns is found within 200 ms; gRPC's defaults wait for a second and more.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 100);
  // How long one attempt may take. A refused one fails at once; this leaves a busy peer its time.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  // Whether to try again is the node's decision, and its fault tolerance what the labs are about.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // Not shared with other transports of this process, so that each has its own fate.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

/// Whoever is called must have a certificate that names the host at which it is called.
std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(const std::optional<TlsIdentity>& tls) {
  if (!tls) return grpc::InsecureChannelCredentials();
  return grpc::SslCredentials({tls->authority, tls->key, tls->certificate});
}

/// What the peer answered. A server that is shutting down cancels calls that have just arrived: to
/// the caller it is as dead as it will be in a moment, unless the node itself said CANCELLED.
absl::Status OutcomeOf(const grpc::ClientContext& context, const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::CANCELLED &&
      context.GetServerTrailingMetadata().count(kCancelledByNode) == 0) {
    return absl::UnavailableError("The peer stopped before it answered.");
  }
  return FromGrpc(status);
}

}  // namespace

struct GrpcClient::PendingCall {
  /// Holds on to the channel. Gone before the call is taken off `pending_`: were a callback thread
  /// of gRPC to drop the last channel, that thread would wait for its own end.
  std::optional<grpc::ClientContext> context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  Transport::Done done;
};

void GrpcClient::Call(NodeId peer, const std::string& path, const std::string& bytes, Time deadline,
                      Transport::Done done) {
  auto call = std::make_shared<PendingCall>();
  call->request = ToByteBuffer(bytes);
  call->context.emplace();
  call->context->set_deadline(ToGrpc(deadline));
  std::shared_ptr<grpc::GenericStub> stub;
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    stub = StubOf(peer);
    if (stub != nullptr) pending_.insert(call);
  }
  if (stub == nullptr) {
    return done(absl::UnavailableError(absl::StrCat("Node ", peer, " has no known address.")), {});
  }
  call->done = std::move(done);
  stub->UnaryCall(&*call->context, path, grpc::StubOptions(), &call->request, &call->response,
                  [this, call](const grpc::Status& status) { Finish(call, status); });
}

std::shared_ptr<grpc::GenericStub> GrpcClient::StubOf(NodeId peer) {
  const auto address = peers_.find(peer);
  if (address == peers_.end()) return nullptr;
  std::shared_ptr<grpc::GenericStub>& stub = stubs_[peer];
  if (stub == nullptr) {
    stub = std::make_shared<grpc::GenericStub>(
        grpc::CreateCustomChannel(address->second, CredentialsOf(tls_), ChannelArguments()));
  }
  return stub;
}

void GrpcClient::Finish(const std::shared_ptr<PendingCall>& call, const grpc::Status& status) {
  bool deliver = false;
  {
    std::lock_guard lock(mutex_);
    deliver = !stopped_;
  }
  if (deliver) {
    absl::Status outcome = OutcomeOf(*call->context, status);
    std::string response = outcome.ok() ? ToString(call->response) : std::string();
    call->done(std::move(outcome), std::move(response));
  }
  call->done = nullptr;
  std::lock_guard lock(mutex_);
  call->context.reset();
  pending_.erase(call);
  if (pending_.empty()) none_pending_.notify_all();
}

void GrpcClient::Stop() {
  std::unique_lock lock(mutex_);
  stopped_ = true;
  for (const auto& call : pending_) call->context->TryCancel();
  none_pending_.wait(lock, [this] { return pending_.empty(); });
}

}  // namespace quorum
