#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "common/env/env.h"
#include "common/env/node_config.pb.h"
#include "labs/lab2_paxos/acceptor.h"

namespace quorum::paxos {

/// The proposer of one decision: asks for promises, then for acceptance, under ballots of its own,
/// until something is decided.
class Proposer {
 public:
  /// `decided` is told the value once a quorum has accepted it.
  Proposer(Env& env, const NodeConfig& config, Acceptor& acceptor,
           std::function<void(const std::string& value)> decided);

  /// Begins, unless it is at it already: then the first value stays the one that it proposes.
  void Propose(const std::string& value);
  /// There is a decision: nothing is left to propose.
  void Stop();

 private:
  void BeginBallot();
  void OnPromise(NodeId from, const PrepareResponse& response);
  void BeginAccepting();
  void OnAccepted(NodeId from, const AcceptResponse& response);
  void OnRefused(const Ballot& promised);
  void TryAgainLater();

  Env& env_;
  const NodeConfig config_;
  Acceptor& acceptor_;
  std::function<void(const std::string&)> decided_;

  enum class Phase { kIdle, kPreparing, kAccepting, kWaiting, kStopped };
  Phase phase_ = Phase::kIdle;
  std::string own_value_;   // what the client asked for
  std::string value_;       // what is proposed under `ballot_`
  Ballot ballot_;           // under which it is trying, or tried last
  std::uint64_t seen_ = 0;  // the highest round that anyone has mentioned
  int attempts_ = 0;        // grows the pauses
  std::map<NodeId, PrepareResponse> promises_;
  std::set<NodeId> accepted_;
  Timer retry_;
};

}  // namespace quorum::paxos
