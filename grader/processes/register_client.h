#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "common/log/register.h"
#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "grader/check/linearizability/history.h"

namespace quorum::grader {

/// A client of a register that processes keep (common/log/register.h). It appends words that it
/// never uses twice, now and then reads, goes to whoever leads, and records what it was told.
class RegisterClient {
 public:
  RegisterClient(std::map<NodeId, std::string> addresses, int number);

  /// Goes on until `stop` is true.
  void Run(const std::atomic<bool>& stop);

  /// Reads until somebody answers; false: nobody does in a minute.
  bool ReadAtLast();

  /// From now on it asks this node only, whatever that says; 0: whoever leads.
  void StayAt(NodeId node) { stays_at_ = node; }

  /// How many requests have ended so far, one way or another, and how many of its operations were
  /// executed as far as it knows. While it runs, too.
  int attempts() const { return attempts_; }
  int acknowledged() const { return acknowledged_; }

  /// What it did and was told; while it does not run.
  const check::History& history() const { return history_; }

 private:
  template <class Request, class Response>
  absl::StatusOr<Response> Call(const Method<Request, Response>& method, const Request& request);
  void Append();
  bool Read();
  check::Operation Begin(check::OpKind kind) const;
  void Executed(check::Operation operation);
  void TryElsewhere(NodeId hint);

  const std::unique_ptr<GrpcTransport> transport_;
  const std::map<NodeId, std::string> addresses_;
  const int number_;
  NodeId node_ = 1;
  int words_ = 0;
  std::atomic<NodeId> stays_at_ = 0;
  std::atomic<int> attempts_ = 0;
  std::atomic<int> acknowledged_ = 0;
  check::History history_;
};

/// What one node knows of the log; an error: it does not answer.
absl::StatusOr<log::InspectResponse> InspectRegister(GrpcTransport& transport, NodeId node);

}  // namespace quorum::grader
