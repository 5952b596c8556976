#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "labs/lab3_raft/raft.h"

namespace quorum::raft {

/// What a leader knows of one follower (figure 2, volatile state on leaders), and what is on its
/// way there. Given.
struct Follower {
  LogIndex next = 1;   ///< nextIndex: the first entry that was not sent yet
  LogIndex match = 0;  ///< matchIndex: up to here its log is known to be the leader's

  /// True: something was lost or refused. One message at a time, until it is known again where its
  /// log and the leader's part.
  bool probing = false;
  int in_flight = 0;              ///< how many messages with entries it has not answered
  std::uint64_t attempt = 0;      ///< tells answers to what was sent before probing began
  std::uint64_t answered = 0;     ///< the number of the last message that it has answered
  std::optional<Time> confirmed;  ///< when the last message was sent that it has answered

  /// The snapshot that it is being sent; null: none. `offset`: how much of it has arrived.
  std::shared_ptr<const Snapshot> snapshot;
  std::uint64_t offset = 0;
  bool piece_in_flight = false;

  /// Begins anew behind `next`; what is on its way counts no more.
  void Probe(LogIndex from) {
    next = from;
    probing = true;
    in_flight = 0;
    ++attempt;
  }
};

/// What a leader remembers of an AppendEntries until it is answered.
struct Sent {
  Term term = 0;
  std::uint64_t number = 0;   ///< over all followers
  Time at;                    ///< when it was sent
  std::uint64_t attempt = 0;  ///< `Follower::attempt` then
  LogIndex prev = 0;          ///< prevLogIndex
  LogIndex last = 0;          ///< the last entry sent, or `prev`
};

}  // namespace quorum::raft
