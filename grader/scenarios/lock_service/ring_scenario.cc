// Part 4E: the ring of lab 1 follows who is announced.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "grader/scenarios/lock_service/lock_room.h"
#include "grader/scenarios/lock_service/stories.h"
#include "grader/scenarios/puppet.h"
#include "labs/lab2_paxos/administrator.h"
#include "labs/lab4_lock_service/recipes.h"
#include "labs/lab4_lock_service/ring_keeper.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
using hash_ring::Ring;
using paxos::ChangeRingRequest;
using paxos::ChangeRingResponse;

constexpr Statement kFollows = {
    "lock.ring-follows",
    "Whoever is announced becomes a member of the ring, and whoever was and is not any more leaves "
    "it; each ring that is asked for follows the last one that was decided.",
    "Chubby, section 4.3; lab 4, part 4E"};
constexpr Statement kNotAllAtOnce = {
    "lock.ring-keeps-replicas",
    "One change of the ring leaves out fewer members than each key has replicas.",
    "lab 1, part 1D; lab 4, part 4E"};

constexpr NodeId kAdministrator = 301;
constexpr NodeId kKeeper = 302;
constexpr NodeId kAnnouncers = 200;  // 201 announces the cache's node 1, and so on
constexpr sim::SimTime kLong = 90 * kSecond;

std::set<NodeId> MembersOf(const Ring& ring) {
  std::set<NodeId> members;
  for (const hash_ring::Member& member : ring.members()) members.insert(member.node());
  return members;
}

/// Lab 2's administrators, as the scenario plays them: they decide what follows, and are not always
/// in the mood.
class Administration {
 public:
  Administration(Stage& stage, const Ring& first)
      : stage_(stage), last_(first), node_(stage, Config(), paxos::kChangeRing) {
    node_.Always(paxos::kChangeRing, std::function([this](const ChangeRingRequest& request) {
                   return Answer(request);
                 }));
  }

  std::set<NodeId> members() const { return MembersOf(last_); }
  /// Ends the run if what was asked for was wrong; not from within a handler.
  void Judge() {
    if (broken_ != nullptr) stage_.Require(*broken_, false, how_);
  }
  /// Another operator adds a member.
  void AddByHand(NodeId node) {
    last_.set_previous_epoch(last_.epoch());
    last_.set_epoch(last_.epoch() + 1);
    hash_ring::Member& member = *last_.add_members();
    member.set_node(node);
    member.set_weight(1);
  }

 private:
  static NodeConfig Config() {
    NodeConfig config;
    config.set_self(kAdministrator);
    return config;
  }

  std::optional<ChangeRingResponse> Answer(const ChangeRingRequest& request) {
    ChangeRingResponse response;
    const std::uint64_t mood = stage_.random().Below(6);
    if (mood == 0) return std::nullopt;
    if (mood == 1) {
      response.set_outcome(ChangeRingResponse::NOT_LEADER);
      return response;
    }
    const Ring& ring = request.ring();
    const bool decided = ring.epoch() == last_.epoch() && MembersOf(ring) == members();
    const bool follows =
        ring.previous_epoch() == last_.epoch() && ring.epoch() == last_.epoch() + 1;
    if (!decided && !follows) {
      Expect(kFollows, ring.epoch() <= last_.epoch(),
             fmt::format("A ring of epoch {} is asked for, which is to replace epoch {}; the "
                         "last one has epoch {}.",
                         ring.epoch(), ring.previous_epoch(), last_.epoch()));
      response.set_outcome(ChangeRingResponse::REFUSED);
      *response.mutable_ring() = last_;
      return response;
    }
    if (follows) Decide(ring);
    response.set_outcome(mood == 2 ? ChangeRingResponse::UNKNOWN : ChangeRingResponse::INSTALLED);
    return response;
  }

  void Decide(const Ring& ring) {
    std::set<NodeId> left = members();
    for (const NodeId member : MembersOf(ring)) left.erase(member);
    Expect(kNotAllAtOnce, left.size() < ring.replicas(),
           fmt::format("The ring of epoch {} leaves out {} at once; each key has {} replicas.",
                       ring.epoch(), fmt::join(left, ", "), ring.replicas()));
    last_ = ring;
  }

  void Expect(const Statement& statement, bool holds, const std::string& otherwise) {
    if (!holds && broken_ == nullptr) {
      broken_ = &statement;
      how_ = otherwise;
    }
  }

  Stage& stage_;
  const Statement* broken_ = nullptr;  // the first one
  std::string how_;
  Ring last_;
  PuppetOf<Method<ChangeRingRequest, ChangeRingResponse>> node_;
};

Ring FirstRing() {
  Ring ring;
  ring.set_epoch(1);
  ring.set_replicas(2);
  ring.set_points_per_unit(64);
  for (const NodeId node : {1, 2, 3}) {
    hash_ring::Member& member = *ring.add_members();
    member.set_node(node);
    member.set_weight(1);
  }
  return ring;
}

/// The nodes that announce, and the one that keeps the ring.
void AddNodes(LockRoom& room) {
  lock::NamesConfig names;
  names.set_directory(LockRoom::Path("members"));
  names.set_grace_ns(room.options().grace);
  lock::RingKeeperConfig keeper;
  keeper.set_directory(LockRoom::Path("members"));
  keeper.set_name("cache");
  *keeper.mutable_ring() = FirstRing();
  keeper.add_administrators(kAdministrator);
  keeper.set_grace_ns(room.options().grace);
  for (const NodeId server : room.servers()) {
    names.add_servers(server);
    keeper.add_servers(server);
  }
  NodeConfig config;
  config.set_clock_rate_bound_ppm(room.options().clock_rate_bound_ppm);
  config.mutable_lab()->PackFrom(names);
  for (const NodeId node : {1, 2, 3, 4}) {
    config.set_self(kAnnouncers + node);
    room.stage().AddNode(lock::kNamesRole, config);
  }
  config.set_self(kKeeper);
  config.mutable_lab()->PackFrom(keeper);
  room.stage().AddNode(lock::kRingKeeperRole, config);
}

void PlayRing(Stage& stage) {
  LockRoom room(stage, {});
  Administration administration(stage, FirstRing());
  AddNodes(room);
  const auto announce = [&](NodeId node) {
    lock::RegisterRequest request;
    request.set_name("cache");
    request.set_address(std::to_string(node));
    room.Demand(kAnnouncers + node, lock::kRegister, request);
  };
  const auto await = [&](const std::set<NodeId>& wanted) {
    const sim::SimTime until = room.world().now() + kLong;
    while (room.world().now() < until && administration.members() != wanted) {
      room.world().RunFor(100 * kMillisecond);
      administration.Judge();
    }
    stage.Require(kFollows, administration.members() == wanted,
                  fmt::format("90 simulated seconds later [{}] are on the ring; it should be [{}].",
                              fmt::join(administration.members(), ", "), fmt::join(wanted, ", ")));
  };
  for (const NodeId node : {1, 2, 3, 4}) announce(node);
  stage.Step("Four nodes of a cache announce themselves; three were on the ring.");
  await({1, 2, 3, 4});
  room.world().Crash(kAnnouncers + 2, false);
  stage.Step("Node 2 dies.");
  await({1, 3, 4});
  administration.AddByHand(5);
  stage.Step("An operator adds node 5, which announces nothing.");
  room.CutOff(kAnnouncers + 1, true);
  room.CutOff(kAnnouncers + 3, true);
  const NodeId master = room.AwaitLeader();
  room.CutOff(master, true);
  stage.Step("Nodes 1 and 3 are cut off, and so is the master of the cell.");
  await({4, 5});
  room.CutOff(master, false);
  room.CutOff(kAnnouncers + 1, false);
  room.CutOff(kAnnouncers + 3, false);
  stage.Step("All that was cut off is back.");
  await({1, 3, 4, 5});
}

}  // namespace

std::vector<Scenario> RingScenarios() {
  return {{.lab = "lock_service",
           .part = "4E",
           .name = "RingFollows",
           .story =
               "Nodes of a cache announce themselves by ephemeral files, die, and are cut off "
               "and come back, while the cell's master fails and an operator changes the ring, "
               "too. The ring that the administrators are asked for follows.",
           .points = 5,
           .seeds = 20,
           .bonus = true,
           .play = PlayRing}};
}

}  // namespace quorum::grader::locks
