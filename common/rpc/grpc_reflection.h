#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>

#include "common/rpc/grpc_server.h"
#include "common/rpc/reflection.h"

namespace quorum {

/// One call of the reflection service: a stream of questions and their answers. gRPC's own
/// implementation lists the services that were registered with it, and here none is: a node's
/// methods are served by their names alone.
class ReflectionCall : public grpc::ServerGenericBidiReactor {
 public:
  explicit ReflectionCall(GrpcServer& server);

  std::shared_ptr<GrpcServer::Exchange> exchange() const;
  void Begin() { StartRead(&question_); }

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  class StreamExchange;

  GrpcServer& server_;
  const std::shared_ptr<StreamExchange> exchange_;
  grpc::ByteBuffer question_;
  grpc::ByteBuffer answer_;
};

}  // namespace quorum
