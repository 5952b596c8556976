#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "grader/scenarios/hash_ring/cache_facts.h"
#include "grader/scenarios/hash_ring/cache_history.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::cache {

/// How an operation of a user has ended, if it has.
struct Operation {
  bool done = false;
  absl::Status status;
  std::optional<std::string> value;  ///< what a get found
  Stamp version;
};
/// Shared by the scenario and by the world, whichever lives longer.
using Pending = std::shared_ptr<const Operation>;

/// What a room is furnished with.
struct RoomOptions {
  std::uint32_t nodes = 5;   ///< on the first ring: nodes 1, 2, ...
  std::uint32_t spares = 0;  ///< after them, not on the ring yet
  std::uint32_t clients = 2;
  std::uint32_t replicas = 3;
  std::uint32_t points_per_unit = 4;
  std::uint32_t chunk_records = 0;
  bool watched = true;  ///< by the invariants
};

/// A room with cache nodes, clients and an administrator, watched by all invariants of the lab.
class CacheRoom {
 public:
  static constexpr NodeId kFirstClient = 101;
  static constexpr NodeId kAdministrator = 201;

  CacheRoom(Stage& stage, const RoomOptions& options);

  Stage& stage() { return stage_; }
  sim::World& world() { return stage_.world(); }
  const RoomOptions& options() const { return options_; }
  const Facts& facts() const { return facts_; }
  const UserHistory& history() const { return history_; }
  NodeId client(std::uint32_t index) const { return kFirstClient + index; }
  std::vector<NodeId> servers() const;

  // What users do. `at` is the node that they ask: any client or server. `then` is called when the
  // answer, or an error, is there.
  using Then = std::function<void()>;
  Pending Put(NodeId at, const std::string& key, const std::string& value, Then then = {});
  Pending Append(NodeId at, const std::string& key, const std::string& value, Then then = {});
  Pending Delete(NodeId at, const std::string& key, Then then = {});
  Pending Get(NodeId at, const std::string& key, Then then = {});
  /// Lets time pass until `operation` has succeeded: nothing is in its way.
  Operation Await(const Pending& operation, const std::string& what);
  /// Lets time pass until `done` holds, for at most `limit`; whether it does.
  bool RunUntil(const std::function<bool()>& done, sim::SimTime limit) {
    return world().RunUntil(done, limit);
  }
  /// Demands that a get sees just this.
  void DemandValue(NodeId at, const std::string& key, const std::optional<std::string>& value);

  // The administrator.
  const Ring& ring() const { return ring_; }
  /// The ring that follows the last one, with other members, each of weight 1.
  Ring NextRing(const std::vector<NodeId>& members) const;
  std::vector<NodeId> members() const;
  /// Asks for `ring` until it is installed, or until another one is asked for.
  void Install(const Ring& ring);
  bool installed() const { return unanswered_.empty(); }
  /// Lets time pass until the administrator has all answers.
  void AwaitRing();
  /// Whether the last ring's hand-over is over, as the disks have it.
  bool HandedOver() const { return WhatIsNotHandedOver().empty(); }
  void DemandHandOver();

  /// A key whose replicas, one list for each ring, are as `fits` wants them. The last list is by
  /// `next`, if given. None of `but`.
  using Lists = std::vector<std::vector<NodeId>>;
  std::string KeyWhere(const std::function<bool(const Lists&)>& fits, const Ring* next = nullptr,
                       const std::set<std::string>& but = {});

  /// Whether this version of `key`, or a newer one, is durable at `node`.
  bool Holds(NodeId node, const std::string& key, const Stamp& version) const {
    return facts_.NewestEver(node, key) >= version;
  }

  /// Cuts or mends all links between two groups.
  void Cut(const std::vector<NodeId>& one, const std::vector<NodeId>& other);
  void Mend(const std::vector<NodeId>& one, const std::vector<NodeId>& other);
  /// Every node of the room but these.
  std::vector<NodeId> AllBut(const std::vector<NodeId>& these) const;

  /// Ends all faults; demands that everything under way comes to an end, the hand-over too unless
  /// it `may_go_on`, that no key is lost, and that one order explains all that users were told.
  void HealAndJudge(bool may_go_on = false);
  /// The machine fails as a whole, and comes back with its disk, or with an empty one.
  void Crash(NodeId node);
  void Boot(NodeId node);
  void Wipe(NodeId node);

 private:
  template <class Request, class Response>
  Pending Start(NodeId at, const Method<Request, Response>& method, const Request& request,
                Then then);
  void WatchInvariants();
  void AddNode(const char* role, NodeId id);
  void AskFor(const Ring& ring);
  void ReplaceTheLost();
  std::string WhatIsNotHandedOver() const;
  void DemandThatAllEnds(bool may_go_on);

  Stage& stage_;
  RoomOptions options_;
  Facts facts_;
  UserHistory history_;
  Ring ring_;                                 // the last one asked for
  std::map<std::uint64_t, Ring> unanswered_;  // those asked for that are not answered, by epoch
  std::set<std::string> keys_;                // that were written or read
};

}  // namespace quorum::grader::cache
