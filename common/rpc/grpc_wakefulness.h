#pragma once

#include <grpcpp/generic/generic_stub.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace quorum {

/// Keeps the callback threads of gRPC 1.51 awake. One that has had nothing to do for a second stops
/// looking for events for the next 100 ms; when all do so at once, a call that comes then waits for
/// up to 100 ms. So this gives them something to do more often than that: a call that is cancelled
/// before it begins, which opens no connection and costs some microseconds.
class GrpcWakefulness {
 public:
  GrpcWakefulness();
  ~GrpcWakefulness();

 private:
  void Run();
  void Tick();

  grpc::GenericStub stub_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace quorum
