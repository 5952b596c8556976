#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>

#include "common/env/node_config.pb.h"
#include "labs/lab2_paxos/paxos.pb.h"

/// What every part of the lab needs of ballots and quorums. Given.
namespace quorum::paxos {

inline bool operator==(const Ballot& a, const Ballot& b) {
  return a.round() == b.round() && a.node() == b.node();
}
inline bool operator<(const Ballot& a, const Ballot& b) {
  return std::tuple(a.round(), a.node()) < std::tuple(b.round(), b.node());
}
inline bool operator<=(const Ballot& a, const Ballot& b) { return !(b < a); }

/// No ballot: below every other.
inline bool IsNone(const Ballot& ballot) { return ballot.round() == 0; }

inline Ballot MakeBallot(std::uint64_t round, std::uint32_t node) {
  Ballot ballot;
  ballot.set_round(round);
  ballot.set_node(node);
  return ballot;
}

/// "3.2" for round 3 of node 2.
inline std::string ToString(const Ballot& ballot) {
  return std::to_string(ballot.round()) + "." + std::to_string(ballot.node());
}

/// The ballot as one number, in the same order; what a state machine is told of a leadership.
inline std::uint64_t EpochOf(const Ballot& ballot) { return ballot.round() << 16 | ballot.node(); }

/// How many nodes a majority of the cluster is: any two majorities share a node.
inline std::size_t QuorumOf(const NodeConfig& config) {
  return static_cast<std::size_t>(config.peers_size()) / 2 + 1;
}

}  // namespace quorum::paxos
