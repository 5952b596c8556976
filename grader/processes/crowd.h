#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "grader/check/linearizability/history.h"
#include "grader/processes/cluster_client.h"

namespace quorum::grader {

/// Several clients of a value, each on a thread of its own, and whoever waits for them. It waits
/// for so many operations and never for a time, so that a slow machine only takes longer.
class Crowd {
 public:
  Crowd(Service service, const std::map<NodeId, std::string>& addresses, int clients);
  ~Crowd() { Stop(); }

  /// Waits until so many more operations are executed, by all together; false: that takes minutes.
  bool AwaitExecuted(int operations);
  /// Waits until client `client` (from 0 on) has made so many more requests, whatever comes of
  /// them.
  bool AwaitAttempts(std::size_t client, int requests);
  /// Waits until every client has.
  bool AwaitAttemptsOfEach(int requests);

  ClusterClient& client(std::size_t number) { return *clients_[number]; }
  std::size_t size() const { return clients_.size(); }
  int executed() const;

  /// Waits until one more operation is executed: by whom; 0: that takes minutes.
  NodeId AwaitLeader();
  /// Waits until all nodes have applied as much as the first of them, if the service tells that;
  /// false: they never do.
  bool AwaitAgreement();

  /// Ends the clients, each with a read.
  /// False: one of them is not answered.
  bool Finish();
  /// What all of them were told, in order of their calls; once they have ended.
  check::History History() const;
  /// All the locks that they have had; likewise.
  std::vector<Acquisition> Acquisitions() const;

 private:
  bool Await(const std::function<bool()>& reached) const;
  void Stop();

  const Service service_;
  const std::map<NodeId, std::string> addresses_;
  std::vector<std::unique_ptr<ClusterClient>> clients_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stop_ = false;
};

}  // namespace quorum::grader
