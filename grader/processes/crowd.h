#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "grader/check/linearizability/history.h"
#include "grader/processes/register_client.h"

namespace quorum::grader {

/// Several clients of a register, each on a thread of its own, and whoever waits for them. It waits
/// for so many operations and never for a time, so that a slow machine only takes longer.
class Crowd {
 public:
  Crowd(const std::map<NodeId, std::string>& addresses, int clients);
  ~Crowd() { Stop(); }

  /// Waits until so many more operations are executed, by all together; false: that takes minutes.
  bool AwaitExecuted(int operations);
  /// Waits until client `client` (from 0 on) has made so many more requests, whatever comes of
  /// them.
  bool AwaitAttempts(std::size_t client, int requests);
  /// Waits until every client has.
  bool AwaitAttemptsOfEach(int requests);

  RegisterClient& client(std::size_t number) { return *clients_[number]; }
  std::size_t size() const { return clients_.size(); }
  int executed() const;

  /// Waits until a node says that it leads, and some majority agrees: which; 0: none does.
  NodeId AwaitLeader();
  /// Waits until all nodes have applied as much as the first of them; false: they never do.
  bool AwaitAgreement();

  /// Ends the clients, each with a read.
  /// False: one of them is not answered.
  bool Finish();
  /// What all of them were told, in order of their calls; once they have ended.
  check::History History() const;

 private:
  bool Await(const std::function<bool()>& reached) const;
  void Stop();

  const std::map<NodeId, std::string> addresses_;
  const std::unique_ptr<GrpcTransport> transport_;
  std::vector<std::unique_ptr<RegisterClient>> clients_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stop_ = false;
};

}  // namespace quorum::grader
