// Part 2C: a leader dies in the middle of everything, and the next one has to sort it out.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "grader/scenarios/paxos/left_behind.h"
#include "grader/scenarios/paxos/log_room.h"
#include "grader/scenarios/paxos/statements.h"

namespace quorum::grader::paxos {
namespace {

using namespace quorum::paxos;

constexpr char kLeftAllKinds[] =
    "a leader died with slots decided, begun, skipped, and begun twice under two ballots";
constexpr char kSortedOut[] = "the next leader has finished what may be decided and filled holes";

/// The leader that dies, and the follower that dies with it and comes back later.
constexpr NodeId kLeader = 5;
constexpr NodeId kAway = 4;

/// How far a slot has come. Those that go on are all of a quorum: what one of them has accepted may
/// be decided for all that they can know.
enum class Left {
  kDecided,  // accepted by the leader, by the node that dies with it, and by one that goes on
  kBegun,    // accepted by one that goes on
  kNoOp,     // the same, and it is a no-op
  kTwice,    // two that go on have accepted different commands, under the old and the new ballot
  kStale,    // only the node that dies has accepted something, under the old ballot
  kSkipped,  // nobody has accepted anything
};

/// The leader that the scenario plays, and what it leaves behind. It has led before, under an
/// older ballot, which nodes `hearer` and `kAway` have promised; the other two know only the newer.
class BusyLeader {
 public:
  BusyLeader(Stage& stage, LogRoom& room)
      : stage_(stage),
        room_(room),
        older_(MakeBallot(static_cast<std::uint64_t>(stage.random().Between(20, 30)), kLeader)),
        newer_(MakeBallot(older_.round() + 1, kLeader)),
        hearer_(static_cast<NodeId>(stage.random().Between(1, 3))) {}

  /// Brings it all about; false: the nodes did not let it lead.
  bool Lead() {
    DrawSlots();
    const NodeId one = hearer_ % 3 + 1;
    const NodeId other = one % 3 + 1;
    if (!AskForPromises(older_, {hearer_, kAway}) || !AskToAccept(older_, begun_before_)) {
      return false;
    }
    if (!AskForPromises(newer_, {one, other}) || !AskToAccept(newer_, begun_)) return false;
    stage_.Step(
        fmt::format("Node 5 has led under ballot {}, and leads under {}. In slots 1 to {} some "
                    "commands are accepted by a quorum, some by one node, in one slot two by one "
                    "node each, under the two ballots; and there are holes.",
                    ToString(older_), ToString(newer_), expected_.size()));
    return true;
  }

  /// What each slot must come to, from slot 1 on.
  const std::vector<std::string>& expected() const { return expected_; }
  bool IsHole(Slot slot) const { return holes_.contains(slot); }

 private:
  using Entries = std::map<NodeId, std::vector<Entry>>;

  void DrawSlots() {
    std::vector<Left> slots = {Left::kDecided, Left::kBegun, Left::kNoOp,
                               Left::kTwice,   Left::kStale, Left::kSkipped};
    const std::vector<Left> kinds = slots;
    for (int more = 0; more < 3; ++more) {
      slots.push_back(kinds[stage_.random().Below(kinds.size())]);
    }
    for (std::size_t at = slots.size() - 1; at > 0; --at) {
      std::swap(slots[at], slots[stage_.random().Below(at + 1)]);
    }
    slots.push_back(Left::kDecided);
    for (std::size_t at = 0; at < slots.size(); ++at) Draw(at + 1, slots[at]);
  }

  void Draw(Slot slot, Left left) {
    const auto witness = static_cast<NodeId>(stage_.random().Between(1, 3));
    Entry entry = Propose(slot, newer_);
    if (left == Left::kNoOp) {
      entry.clear_command();
      entry.set_no_op(true);
    }
    expected_.push_back(entry.no_op() ? kNoOp : CommandValue(entry.command()));
    switch (left) {
      case Left::kDecided:
        begun_[kAway].push_back(entry);
        room_.ledger().AddAccept(kLeader, slot, newer_, expected_.back());
        [[fallthrough]];
      case Left::kBegun:
      case Left::kNoOp:
        begun_[witness].push_back(entry);
        break;
      case Left::kTwice:
        begun_before_[hearer_].push_back(Propose(slot, older_));
        begun_[witness == hearer_ ? hearer_ % 3 + 1 : witness].push_back(entry);
        break;
      case Left::kStale:
        begun_before_[kAway].push_back(Propose(slot, older_));
        [[fallthrough]];
      case Left::kSkipped:
        expected_.back() = kNoOp;
        holes_.insert(slot);
        break;
    }
  }

  Entry Propose(Slot slot, const Ballot& ballot) {
    Entry entry =
        MakeEntry(slot, ballot, AppendCommand(fmt::format("{} under {} ", slot, ToString(ballot))));
    room_.ledger().proposed.insert(CommandValue(entry.command()));
    entry.clear_ballot();
    return entry;
  }

  /// With its own promise, that of two nodes is enough.
  bool AskForPromises(const Ballot& ballot, const std::vector<NodeId>& nodes) {
    PrepareLogRequest request;
    *request.mutable_ballot() = ballot;
    for (const NodeId node : nodes) {
      const auto promise = room_.puppet(kLeader).Ask(node, kPrepareLog, request);
      if (!promise.ok() || !promise->promised()) return false;
      if (promise->committed() > 0 || promise->accepted_size() > 0) return false;
    }
    return true;
  }

  bool AskToAccept(const Ballot& ballot, const Entries& entries_by_node) {
    for (const auto& [node, entries] : entries_by_node) {
      AcceptEntriesRequest request;
      *request.mutable_ballot() = ballot;
      request.mutable_entries()->Assign(entries.begin(), entries.end());
      const auto answer = room_.puppet(kLeader).Ask(node, kAcceptEntries, request);
      if (!answer.ok() || !answer->accepted()) return false;
    }
    return true;
  }

  Stage& stage_;
  LogRoom& room_;
  Ballot older_;
  Ballot newer_;
  NodeId hearer_;
  Entries begun_before_;  // under the older ballot
  Entries begun_;         // under the newer one
  std::vector<std::string> expected_;
  std::set<Slot> holes_;
};

void DemandSortedOut(Stage& stage, LogRoom& room, const BusyLeader& gone) {
  const Slot last = gone.expected().size();
  const auto applied = [&] {
    return std::min({room.tap().applied(1), room.tap().applied(2), room.tap().applied(3)});
  };
  room.world().RunUntil([&] { return applied() >= last; }, kPatience);
  stage.Require(kHolesFilled, applied() >= last,
                fmt::format("20 simulated seconds later one of nodes 1 to 3 has applied slots up "
                            "to {}; {} slots were in use, and those up to {} are chosen.",
                            applied(), last, room.ledger().chosen_up_to()));
  for (Slot slot = 1; slot <= last; ++slot) {
    const Accepted* chosen = room.ledger().Chosen(slot);
    if (chosen == nullptr) return;
    stage.Require(gone.IsHole(slot) ? kHolesFilled : kValueOfHighest,
                  chosen->value == gone.expected()[slot - 1],
                  fmt::format("In slot {} {} is decided, not {}.", slot, Show(chosen->value),
                              Show(gone.expected()[slot - 1])));
  }
  stage.Observe(kSortedOut);
}

void PlayLeaderDiedBusy(Stage& stage) {
  LogRoom room(stage, {.nodes = 5, .puppets = {kLeader}});
  BusyLeader leader(stage, room);
  if (!leader.Lead()) return;
  room.world().Crash(kLeader, true);
  room.world().Crash(kAway, true);
  stage.Observe(kLeftAllKinds);
  stage.Step(
      "Nodes 4 and 5 lose power. Nodes 1 to 3 are a quorum, and none of them can be spared.");
  DemandSortedOut(stage, room, leader);
  room.world().Boot(kAway);
  stage.Step("Node 4 is back, with what it has accepted. Some of that was not decided.");
  room.PutAtLeader("the end");
  room.DemandThatAllApply();
}

}  // namespace

std::vector<Scenario> BusyLeaderChoreography() {
  return {
      {.lab = "paxos",
       .part = "2C",
       .name = "LeaderDiedBusy",
       .story = "A leader dies with many slots under way: some decided, though one node that goes "
                "on knows of it, some accepted once, some under two ballots, and holes. The next "
                "leader must finish all that may be decided, and fill the holes with no-ops.",
       .points = 2,
       .must_observe = {kLeftAllKinds, kSortedOut},
       .play = PlayLeaderDiedBusy},
  };
}

}  // namespace quorum::grader::paxos
