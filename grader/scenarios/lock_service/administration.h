#pragma once

#include <map>
#include <set>
#include <string>

#include "grader/scenarios/lock_service/lock_room.h"
#include "grader/scenarios/puppet.h"
#include "labs/lab2_paxos/administrator.h"
#include "labs/lab4_lock_service/ring_keeper.h"

namespace quorum::grader::locks {

/// The ring follows who is announced.
extern const Statement kRingFollows;

// The nodes of a cache whose ring is kept (part 4E); each is announced by a node of its own.
inline constexpr NodeId kCacheNodes = 400;
inline constexpr NodeId kAnnouncers = 200;  // 201 announces 401, and so on
inline constexpr NodeId kKeeper = 302;
inline constexpr NodeId kSecondKeeper = 303;
inline constexpr sim::SimTime kRingPatience = 90 * kSecond;

std::set<NodeId> MembersOf(const hash_ring::Ring& ring);
/// Of three nodes of the cache; two replicas a key.
hash_ring::Ring FirstRing();
/// "/ls/local/ring", where keepers publish.
std::string PublishedPath();

/// The nodes that announce, four of them, and those that keep the ring.
void AddRingNodes(LockRoom& room, const std::vector<NodeId>& keepers);
/// A node of the cache is announced, by its number within the cache.
void Announce(LockRoom& room, NodeId number);

/// Lab 2's administrators, as the scenario plays them: they decide what follows, and are not always
/// in the mood.
class Administration {
 public:
  explicit Administration(LockRoom& room);

  std::set<NodeId> members() const { return MembersOf(last_); }
  /// The ring of this epoch, if there is one yet.
  const hash_ring::Ring* Decided(std::uint64_t epoch) const;
  /// Waits until just these, by their numbers within the cache, are on the ring.
  void Await(const std::set<NodeId>& numbers);
  /// Another operator adds a member.
  void AddByHand(NodeId node);

 private:
  std::optional<paxos::ChangeRingResponse> Answer(const paxos::ChangeRingRequest& request);
  void Decide(const hash_ring::Ring& ring);
  void Expect(const Statement& statement, bool holds, const std::string& otherwise);
  void Judge();

  LockRoom& room_;
  const Statement* broken_ = nullptr;  // the first one
  std::string how_;
  hash_ring::Ring last_;
  std::map<std::uint64_t, hash_ring::Ring> decided_;  // by epoch
  PuppetOf<Method<paxos::ChangeRingRequest, paxos::ChangeRingResponse>> node_;
};

}  // namespace quorum::grader::locks
