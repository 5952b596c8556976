#pragma once

#include <memory>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "grader/explore/testing/toy_paxos.pb.h"

/// A small Paxos for one decision, with bugs that can be switched on, to test the explorer with.
namespace quorum::explore::toy {

inline constexpr Method<PrepareRequest, PrepareResponse> kPrepare{
    "/quorum.explore.toy.Toy/Prepare"};
inline constexpr Method<AcceptRequest, AcceptResponse> kAccept{"/quorum.explore.toy.Toy/Accept"};
inline constexpr Method<ProposeRequest, ProposeResponse> kPropose{
    "/quorum.explore.toy.ToyClient/Propose"};

/// What may be wrong with a node, to be combined; named as in the catalogue of bugs.
enum Bug : std::uint32_t {
  kNoBug = 0,
  kValueOfLastPromise = 1 << 0,    ///< P01: not the value of the highest ballot
  kQuorumTooSmall = 1 << 1,        ///< P03
  kPromiseNotChecked = 1 << 3,     ///< P06
  kPromiseNotDurable = 1 << 4,     ///< P08: kept in memory only
  kPromiseWrittenLate = 1 << 5,    ///< P08: answered before it is written
  kAcceptNotSynced = 1 << 6,       ///< P09: written, but not synced
  kIgnoresPromisedValue = 1 << 7,  ///< P02
  kAsksOnce = 1 << 8,              ///< no bug, but no peer is asked again either
  kDiesOfOldBallot = 1 << 9,       ///< a check of its own fails
  kUsesAddresses = 1 << 10,        ///< what it does depends on where objects lie
  kLooksAround = 1 << 11,          ///< no bug: a timer that fires often, and does nothing
  kBeginsSoon = 1 << 12,           ///< no bug: it proposes when a timer of no delay fires
};

/// Proposer and acceptor in one. Under each of its `ballots` it asks every other node for promises,
/// then for acceptance; it begins another one when a timer fires.
std::unique_ptr<Node> MakeToyNode(Env& env, const NodeConfig& config);

}  // namespace quorum::explore::toy
