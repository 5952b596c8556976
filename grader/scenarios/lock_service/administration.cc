// Who decides the rings of part 4E, and what is around it.
#include "grader/scenarios/lock_service/administration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "labs/lab4_lock_service/recipes.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;
using hash_ring::Ring;
using paxos::ChangeRingRequest;
using paxos::ChangeRingResponse;

constexpr Statement kNotAllAtOnce = {
    "lock.ring-keeps-replicas",
    "One change of the ring leaves out fewer members than each key has replicas.",
    "lab 1, part 1D; lab 4, part 4E"};

constexpr NodeId kAdministrator = 301;

NodeConfig AdministratorConfig() {
  NodeConfig config;
  config.set_self(kAdministrator);
  return config;
}

}  // namespace

const Statement kRingFollows = {
    "lock.ring-follows",
    "Whoever is announced becomes a member of the ring, and whoever was and is not any more leaves "
    "it; each ring that is asked for follows the last one that was decided.",
    "Chubby, section 4.3; lab 4, part 4E"};

std::set<NodeId> MembersOf(const Ring& ring) {
  std::set<NodeId> members;
  for (const hash_ring::Member& member : ring.members()) members.insert(member.node());
  return members;
}

Ring FirstRing() {
  Ring ring;
  ring.set_epoch(1);
  ring.set_replicas(2);
  ring.set_points_per_unit(64);
  for (const NodeId number : {1, 2, 3}) {
    hash_ring::Member& member = *ring.add_members();
    member.set_node(kCacheNodes + number);
    member.set_weight(1);
  }
  return ring;
}

std::string PublishedPath() { return LockRoom::Path("ring"); }

void AddRingNodes(LockRoom& room, const std::vector<NodeId>& keepers) {
  lock::NamesConfig names;
  names.set_directory(LockRoom::Path("members"));
  names.set_grace_ns(room.options().grace);
  lock::RingKeeperConfig keeper;
  keeper.set_directory(LockRoom::Path("members"));
  keeper.set_published(PublishedPath());
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
  for (const NodeId number : {1, 2, 3, 4}) {
    config.set_self(kAnnouncers + number);
    room.stage().AddNode(lock::kNamesRole, config);
  }
  config.mutable_lab()->PackFrom(keeper);
  for (const NodeId node : keepers) {
    config.set_self(node);
    room.stage().AddNode(lock::kRingKeeperRole, config);
  }
}

void Announce(LockRoom& room, NodeId number) {
  lock::RegisterRequest request;
  request.set_name("cache");
  request.set_address(std::to_string(kCacheNodes + number));
  room.Demand(kAnnouncers + number, lock::kRegister, request);
}

Administration::Administration(LockRoom& room)
    : room_(room),
      last_(FirstRing()),
      decided_({{last_.epoch(), last_}}),
      node_(room.stage(), AdministratorConfig(), paxos::kChangeRing) {
  node_.Always(paxos::kChangeRing,
               std::function([this](const ChangeRingRequest& request) { return Answer(request); }));
}

const Ring* Administration::Decided(std::uint64_t epoch) const {
  const auto place = decided_.find(epoch);
  return place == decided_.end() ? nullptr : &place->second;
}

void Administration::Await(const std::set<NodeId>& numbers) {
  std::set<NodeId> wanted;
  for (const NodeId number : numbers) wanted.insert(kCacheNodes + number);
  const sim::SimTime until = room_.world().now() + kRingPatience;
  while (room_.world().now() < until && members() != wanted) {
    room_.world().RunFor(100 * kMillisecond);
    Judge();
  }
  room_.stage().Require(
      kRingFollows, members() == wanted,
      fmt::format("90 simulated seconds later [{}] are on the ring; it should be [{}].",
                  fmt::join(members(), ", "), fmt::join(wanted, ", ")));
}

void Administration::AddByHand(NodeId node) {
  Ring next = last_;
  next.set_previous_epoch(last_.epoch());
  next.set_epoch(last_.epoch() + 1);
  hash_ring::Member& member = *next.add_members();
  member.set_node(node);
  member.set_weight(1);
  last_ = next;
  decided_[last_.epoch()] = last_;
}

std::optional<ChangeRingResponse> Administration::Answer(const ChangeRingRequest& request) {
  ChangeRingResponse response;
  const std::uint64_t mood = room_.stage().random().Below(6);
  if (mood == 0) return std::nullopt;
  if (mood == 1) {
    response.set_outcome(ChangeRingResponse::NOT_LEADER);
    return response;
  }
  const Ring& ring = request.ring();
  const bool decided = ring.epoch() == last_.epoch() && MembersOf(ring) == members();
  const bool follows = ring.previous_epoch() == last_.epoch() && ring.epoch() == last_.epoch() + 1;
  if (!decided && !follows) {
    Expect(kRingFollows, ring.epoch() <= last_.epoch(),
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

void Administration::Decide(const Ring& ring) {
  std::set<NodeId> left = members();
  for (const NodeId member : MembersOf(ring)) left.erase(member);
  Expect(kNotAllAtOnce, left.size() < ring.replicas(),
         fmt::format("The ring of epoch {} leaves out {} at once; each key has {} replicas.",
                     ring.epoch(), fmt::join(left, ", "), ring.replicas()));
  last_ = ring;
  decided_[last_.epoch()] = last_;
}

// Requirements end a run, and must not from within a handler.
void Administration::Expect(const Statement& statement, bool holds, const std::string& otherwise) {
  if (!holds && broken_ == nullptr) {
    broken_ = &statement;
    how_ = otherwise;
  }
}

void Administration::Judge() {
  if (broken_ != nullptr) room_.stage().Require(*broken_, false, how_);
}

}  // namespace quorum::grader::locks
