#pragma once

#include <set>

#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {

/// What the scenarios with servers of two implementations exist for.
inline constexpr char kReferenceLed[] = "only servers of the reference stood, and one of them led";
inline constexpr char kTestedLed[] = "only the server under test stood, and it led";
inline constexpr char kElectedAgain[] = "the server under test was elected again, in a later term";
inline constexpr char kVotesCounted[] = "a server of the reference led by votes under test";

/// Servers under test among servers of the reference, each side in its role: those that are to
/// follow have clocks so slow that they do not stand for election as long as somebody leads now and
/// then. So one half of an implementation is played without the other.
class MixedRoom {
 public:
  /// The servers under test follow: of 3, 4, 5 or 7 servers, which the seed draws, two run the
  /// reference, and none of these two can do anything without those that are tested.
  static MixedRoom OfFollowers(Stage& stage, std::uint32_t snapshot_every);
  /// One server under test leads, and the others run the reference.
  static MixedRoom OfLeader(Stage& stage, std::uint32_t snapshot_every);

  MixedRoom(MixedRoom&&) noexcept;
  MixedRoom& operator=(MixedRoom&&) = delete;
  ~MixedRoom();

  RaftRoom& room() { return *room_; }
  sim::World& world() { return room_->world(); }
  const std::set<NodeId>& tested() const { return stage_.sides().tested; }
  const std::set<NodeId>& reference() const { return stage_.sides().reference; }
  /// The one that leads, where there is one.
  NodeId leader() const { return *tested().begin(); }
  /// One of these servers, which the seed draws.
  NodeId Draw(const std::set<NodeId>& from);

  /// Every now and then within `duration`, which is not awaited, some that follow are cut off for a
  /// while, so few that a majority is left; and if `leaders`, whoever leads with them.
  void CutSomeOff(sim::SimTime duration, bool leaders);

  /// The scenario is over: observes whether each side was in its role all the time.
  void ObserveRoles();

 private:
  class Roles;

  MixedRoom(Stage& stage, const RegisterRoom::Options& options);
  std::set<NodeId> DrawSide(bool leaders);

  Stage& stage_;
  const std::set<NodeId> follow_;  // with the slow clocks
  std::unique_ptr<Roles> roles_;
  std::unique_ptr<RaftRoom> room_;
};

}  // namespace quorum::grader::raft
