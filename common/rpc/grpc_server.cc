#include "common/rpc/grpc_server.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/grpc_convert.h"
#include "common/rpc/grpc_reflection.h"
#include "common/rpc/grpc_transport.h"

namespace quorum {
namespace {

/// How long the last answers may take to leave when the server stops.
constexpr std::chrono::milliseconds kGrace{200};

/// One unary call. It lives until gRPC is done with it; whoever will answer it shares an
/// `Exchange`, which may live longer and knows whether it has been answered.
class UnaryCall : public grpc::ServerGenericBidiReactor {
 public:
  class UnaryExchange : public GrpcServer::Exchange {
   public:
    explicit UnaryExchange(UnaryCall* call) : call_(call) {}
    void Abandon(const grpc::Status& status) override {
      if (!answered_.exchange(true)) call_->Finish(status);
    }
    void Answer(const absl::Status& status, const std::string& response) {
      if (answered_.exchange(true)) return;
      // Unanswered, so the call is still there; it may be gone as soon as it is finished.
      if (absl::IsCancelled(status)) call_->context_.AddTrailingMetadata(kCancelledByNode, "1");
      if (!status.ok()) return call_->Finish(ToGrpc(status));
      call_->response_ = ToByteBuffer(response);
      call_->StartWriteAndFinish(&call_->response_, grpc::WriteOptions(), grpc::Status::OK);
    }

   private:
    UnaryCall* const call_;
    std::atomic<bool> answered_ = false;
  };

  UnaryCall(GrpcServer& server, grpc::GenericCallbackServerContext& context)
      : server_(server), context_(context), exchange_(std::make_shared<UnaryExchange>(this)) {}

  std::shared_ptr<GrpcServer::Exchange> exchange() const { return exchange_; }
  void Begin() { StartRead(&request_); }

  void OnReadDone(bool ok) override;
  void OnDone() override {
    server_.Ended(exchange_);
    delete this;
  }

 private:
  GrpcServer& server_;
  grpc::GenericCallbackServerContext& context_;
  const std::shared_ptr<UnaryExchange> exchange_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

/// Answers once; dropped without an answer it answers as a process that died.
class Answer {
 public:
  explicit Answer(std::shared_ptr<UnaryCall::UnaryExchange> exchange)
      : exchange_(std::move(exchange)) {}
  Answer(Answer&&) noexcept = default;
  Answer& operator=(Answer&&) = delete;
  ~Answer() {
    if (exchange_) (*this)(absl::UnavailableError("The node stopped before it answered."), {});
  }
  void operator()(const absl::Status& status, const std::string& response) {
    std::exchange(exchange_, nullptr)->Answer(status, response);
  }

 private:
  std::shared_ptr<UnaryCall::UnaryExchange> exchange_;
};

/// What the caller's certificate calls it; empty in plain text.
std::string NameOf(const grpc::AuthContext& caller) {
  const auto names = caller.FindPropertyValues("x509_common_name");
  return names.empty() ? std::string() : std::string(names.front().data(), names.front().size());
}

void UnaryCall::OnReadDone(bool ok) {
  if (!ok) {
    return exchange_->Answer(absl::InvalidArgumentError("The request holds no message."), {});
  }
  server_.Handle({context_.method(), ToString(request_), NameOf(*context_.auth_context()),
                  FromGrpc(context_.raw_deadline()), Answer(exchange_)});
}

std::shared_ptr<grpc::ServerCredentials> ServerCredentialsOf(
    const std::optional<TlsIdentity>& tls) {
  if (!tls) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = tls->authority;
  options.pem_key_cert_pairs.push_back({tls->key, tls->certificate});
  return grpc::SslServerCredentials(options);
}

std::string ServiceOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return path.substr(1, slash == std::string::npos || slash == 0 ? 0 : slash - 1);
}

}  // namespace

absl::Status GrpcServer::Start(const std::string& listen, const std::optional<TlsIdentity>& tls,
                               Transport::Handler handler) {
  if (!tls && !IsLoopback(listen)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Without certificates (--tls) a node listens on 127.0.0.1 only, not on ", listen, "."));
  }
  handler_ = std::move(handler);
  static std::once_flag health_once;
  std::call_once(health_once, [] { grpc::EnableDefaultHealthCheckService(true); });
  grpc::ServerBuilder builder;
  builder.AddListeningPort(listen, ServerCredentialsOf(tls), &port_);
  // Two processes on one port would each get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.RegisterCallbackGenericService(this);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port_ == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("Cannot listen on ", listen, ": the port is taken or not ours to use."));
  }
  std::lock_guard lock(mutex_);
  server_ = std::move(server);
  for (const std::string& service : services_) {
    server_->GetHealthCheckService()->SetServingStatus(service, true);
  }
  return absl::OkStatus();
}

void GrpcServer::Announce(const std::string& path) {
  const std::string service = ServiceOf(path);
  std::lock_guard lock(mutex_);
  if (services_.insert(service).second && server_ != nullptr) {
    server_->GetHealthCheckService()->SetServingStatus(service, true);
  }
}

std::set<std::string> GrpcServer::services() {
  std::lock_guard lock(mutex_);
  return services_;
}

template <class Call>
grpc::ServerGenericBidiReactor* GrpcServer::Admit(Call* call) {
  const std::shared_ptr<Exchange> exchange = call->exchange();
  bool refuse = false;
  {
    std::lock_guard lock(mutex_);
    going_on_.insert(exchange);
    refuse = stopping_;
  }
  if (refuse) {
    exchange->Abandon({grpc::StatusCode::UNAVAILABLE, "The node is stopping."});
  } else {
    call->Begin();
  }
  return call;
}

grpc::ServerGenericBidiReactor* GrpcServer::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  if (context->method() == kReflectionPath) return Admit(new ReflectionCall(*this));
  return Admit(new UnaryCall(*this, *context));
}

void GrpcServer::Ended(const std::shared_ptr<Exchange>& exchange) {
  std::lock_guard lock(mutex_);
  going_on_.erase(exchange);
  if (going_on_.empty()) all_ended_.notify_all();
}

void GrpcServer::Stop() {
  std::unordered_set<std::shared_ptr<Exchange>> unanswered;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    unanswered = going_on_;
  }
  if (server_ == nullptr) return;
  for (const auto& exchange : unanswered) {
    exchange->Abandon({grpc::StatusCode::UNAVAILABLE, "The node stopped before it answered."});
  }
  server_->Shutdown(std::chrono::system_clock::now() + kGrace);
  {
    std::unique_lock lock(mutex_);
    all_ended_.wait(lock, [this] { return going_on_.empty(); });
  }
  server_.reset();
}

}  // namespace quorum
