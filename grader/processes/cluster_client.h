#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "common/rpc/blocking_call.h"
#include "common/rpc/grpc_transport.h"
#include "common/rpc/method.h"
#include "grader/check/linearizability/history.h"
#include "grader/processes/fencing.h"

namespace quorum::grader {

/// A client of a value that processes keep, on a thread of its own. It appends words that it never
/// uses twice, now and then reads, goes to whoever leads, and records what it was told.
class ClusterClient {
 public:
  ClusterClient(std::map<NodeId, std::string> addresses, int number);
  virtual ~ClusterClient() = default;

  /// Goes on until `stop` is true.
  void Run(const std::atomic<bool>& stop);

  /// Reads until somebody answers; false: nobody does in a minute.
  bool ReadAtLast();

  /// From now on it asks this node only, whatever that says; 0: whoever leads.
  void StayAt(NodeId node) { stays_at_ = node; }

  // While it runs, too:
  /// How many requests have ended so far, one way or another.
  int attempts() const { return attempts_; }
  /// How many of its operations were executed, as far as it knows, and by whom the last one.
  int executed() const { return executed_; }
  NodeId executed_by() const { return executed_by_; }

  /// What it did and was told; while it does not run.
  const check::History& history() const { return history_; }
  /// The locks that it has had; while it does not run.
  virtual std::vector<Acquisition> acquisitions() const { return {}; }

 protected:
  /// What a service made of a request.
  struct Answer {
    enum class Kind {
      kExecuted,
      kRefused,  ///< this request was not executed and will not be
      kUnknown,
    };
    Kind kind = Kind::kUnknown;
    NodeId hint = 0;    ///< if not executed: who may lead; 0: unknown
    std::string value;  ///< what was read
  };

  /// Asks the service to append `word`; once, or until its outcome is known, while `stop` is false.
  virtual Answer Append(const std::string& word, const std::atomic<bool>& stop) = 0;
  virtual Answer Read() = 0;

  /// One request of those that the two above make.
  template <class Request, class Response>
  absl::StatusOr<Response> Call(const Method<Request, Response>& method, const Request& request) {
    const auto bytes = CallBytes(method.path, request.SerializeAsString());
    if (!bytes.ok()) return bytes.status();
    Response response;
    if (!response.ParseFromString(*bytes)) return absl::InternalError("This is no answer.");
    return response;
  }
  /// Goes to `hint`, or to the next node if that is of no use, after a moment.
  void TryElsewhere(NodeId hint);

 private:
  absl::StatusOr<std::string> CallBytes(const char* path, std::string request);
  void AppendNext(const std::atomic<bool>& stop);
  bool ReadNow();
  check::Operation Begin(check::OpKind kind) const;
  void Executed(check::Operation operation);

  const std::unique_ptr<GrpcTransport> transport_;
  const std::map<NodeId, std::string> addresses_;
  const int number_;
  NodeId node_ = 1;
  int words_ = 0;
  std::atomic<NodeId> stays_at_ = 0;
  std::atomic<int> attempts_ = 0;
  std::atomic<int> executed_ = 0;
  std::atomic<NodeId> executed_by_ = 0;
  check::History history_;
};

/// The services that such clients know.
enum class Service {
  kRegister,     ///< common/log/register.h: what is not answered is not asked for again
  kKeyValue,     ///< labs/lab3_raft/kv.h: asks under the same number until it is answered
  kLockService,  ///< labs/lab4_lock_service: appends while it holds the file's lock
};

std::unique_ptr<ClusterClient> MakeClient(Service service, std::map<NodeId, std::string> addresses,
                                          int number);

}  // namespace quorum::grader
