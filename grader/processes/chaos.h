#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/node/testing/node_processes.h"
#include "grader/check/linearizability/linearizability.h"
#include "grader/processes/client_process.h"
#include "grader/processes/crowd.h"

namespace quorum::grader {

/// What happens to a cluster of processes while clients append and read.
enum class Episode {
  kKilledLeader,   ///< kill -9, and later it comes back
  kStoppedLeader,  ///< SIGSTOP: its connections stay, and it wakes up believing that it leads
  kCutOffLeader,   ///< from all others, while a client stays with it
  kOneWayCuts,     ///< the leader is not heard; then it does not hear
  kSlowLinks,
  kFullDisks,     ///< of whoever leads: with warning, and in the middle of a write
  kPowerFailure,  ///< of all at once: what was not synced is lost
  kHangingDisks,  ///< of all but the leader, until the power fails; and the leader comes back late
  kRestartStorm,  ///< one after the other
  // Of cells of the lock service:
  kStoppedClient,   ///< SIGSTOP of a client, now and then while it holds the lock
  kDamagedReplica,  ///< it refuses to start, and comes back wiped under a new id; over Raft
};

/// Everything that happens to every service, in an order that goes from a fault to the worse.
std::vector<Episode> AllEpisodes();

/// In a few words.
const char* NameOf(Episode episode);

/// A service over a replicated log, as processes, and its clients. It goes on with the next step
/// when so many operations were executed or tried, so that no verdict depends on how fast the
/// machine is.
class Chaos {
 public:
  /// Nodes of `plan` that are `spare` do not run until they take another one's place.
  Chaos(Service service, testing::ProcessesPlan plan, int clients, std::set<NodeId> spare = {});

  /// Plays `episode` and lets the cluster recover from it.
  void Play(Episode episode);

  /// Ends the clients, and judges what they were told.
  check::CheckResult End();

  /// In sentences, what was missing: that the cluster goes on whenever a majority can, and in the
  /// end agrees. After the first of them nothing is played.
  const std::vector<std::string>& complaints() const { return complaints_; }
  int executed() const { return crowd_.executed(); }

 private:
  void KilledLeader();
  void StoppedLeader();
  void CutOffLeader();
  void OneWayCuts();
  void SlowLinks();
  void FullDisks();
  void PowerFailure();
  void HangingDisks();
  void RestartStorm();
  void StoppedClient();
  void DamagedReplica();

  void StartMembers();
  /// The leader of now; 0 when there is none, which is a complaint.
  NodeId Leader();
  void MustExecute(int operations, const char* when);
  void Expect(bool holds, const std::string& otherwise);
  void CountWords(const check::History& history);

  const Service service_;
  testing::NodeProcesses nodes_;
  std::set<NodeId> spare_;
  std::set<NodeId> members_;
  std::vector<std::string> complaints_;
  Crowd crowd_;
  std::unique_ptr<ClientProcess> apart_;  ///< once there was a need for it
};

/// Whether `episode` makes clients of a cluster that `start` begins hear something wrong. On a busy
/// machine an election may come between, and a play then shows nothing: so there are up to four.
bool ShowsIn(Episode episode, const std::function<Chaos()>& start);

}  // namespace quorum::grader
