// Part 3F: reads by ReadIndex; and leaders that change for every reason that there is.

#include <fmt/format.h>

#include "grader/scenarios/raft/leadership_scenarios.h"
#include "grader/scenarios/raft/microscope.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;
using faults::Profile;

constexpr Statement kReads = {
    "raft.reads-when-confirmed",
    "A leader whose own entry is committed, and which a majority answers, answers reads.",
    "Ongaro's thesis, section 6.4; handout 3F, step 7"};

constexpr char kLateAnswers[] = "answers to earlier messages came after a read was asked for";
constexpr char kTransferred[] = "an administrator was told that the transfer is done";
constexpr char kAborted[] = "an administrator was told that the transfer is given up";

using HeldAppends = std::vector<Heard<AppendEntriesRequest, AppendEntriesResponse>>;

void Hold(Microscope& lens, HeldAppends& held, sim::SimTime duration) {
  const sim::SimTime until = lens.world().now() + duration;
  while (lens.world().now() < until) {
    for (const NodeId puppet : {2, 3}) {
      auto heard = lens.puppet(puppet).Await(
          kAppendEntries, [](const AppendEntriesRequest&) { return true; }, kMillisecond);
      if (heard) held.push_back(*std::move(heard));
    }
  }
}

void Release(HeldAppends& held) {
  for (auto& asked : held) {
    AppendEntriesResponse response;
    response.set_term(asked.request.term());
    response.set_success(true);
    asked.responder.Reply(response);
  }
  held.clear();
}

/// Reads at server 1; how it ended is in what is returned, once it has.
std::shared_ptr<std::optional<bool>> Read(Microscope& lens) {
  auto confirmed = std::make_shared<std::optional<bool>>();
  lens.world().Invoke<log::ReadRequest, log::ReadResponse>(
      1, log::kRead, {}, [confirmed](const absl::StatusOr<log::ReadResponse>& response) {
        *confirmed = response.ok() && response->confirmed();
      });
  return confirmed;
}

/// What is wrong is seen by the rules that watch: raft.reads-after-own-entry, and
/// raft.reads-are-confirmed.
void PlayReadRounds(Stage& stage) {
  Microscope lens(stage);
  HeldAppends held;
  lens.Vote({2, 3});
  lens.AwaitLead();
  const auto early = Read(lens);
  lens.puppet(2).Always<AppendEntriesRequest, AppendEntriesResponse>(
      kAppendEntries,
      [](const AppendEntriesRequest& request) -> std::optional<AppendEntriesResponse> {
        if (!request.entries().empty()) return std::nullopt;
        AppendEntriesResponse response;
        response.set_term(request.term());
        response.set_success(request.prev_log_index() == 0);
        if (!response.success()) response.set_conflict_index(1);
        return response;
      });
  stage.Step("A client reads at server 1. Server 2 answers heartbeats, and takes no entry yet.");
  lens.world().RunFor(300 * kMillisecond);
  lens.Support({2, 3});
  bool done = lens.world().RunUntil([&] { return early->has_value(); }, 5 * kSecond);
  stage.Require(kReads, done, "Everyone answers server 1 for 5 simulated seconds; a read waits.");
  lens.world().RunFor(200 * kMillisecond);
  StopAnswering(lens);
  Hold(lens, held, 120 * kMillisecond);
  if (!held.empty()) stage.Observe(kLateAnswers);
  const auto late = Read(lens);
  stage.Step(
      fmt::format("Servers 2 and 3 hold {} answers back; then a client reads at server 1; "
                  "then they answer what they were sent before.",
                  held.size()));
  lens.world().RunFor(stage.random().Between(0, 1) * kMillisecond / 2);
  Release(held);
  lens.world().RunFor(20 * kMillisecond);
  lens.Support({2, 3});
  done = lens.world().RunUntil([&] { return late->has_value(); }, 5 * kSecond);
  stage.Require(kReads, done, "Everyone answers server 1 for 5 simulated seconds; a read waits.");
  const auto last = Read(lens);
  done = lens.world().RunUntil([&] { return last->has_value(); }, 5 * kSecond);
  stage.Require(kReads, done && last->value(),
                "Server 1 leads, everyone answers it, and a read is not confirmed.");
}

/// Asks whoever leads to hand over to somebody, now and then, for ever.
class Administrator {
 public:
  Administrator(Stage& stage, RaftRoom& room) : stage_(stage), room_(room) { Next(); }

 private:
  void Next() {
    const sim::SimTime pause = stage_.random().Between(100, 1500) * kMillisecond;
    room_.world().At(room_.world().now() + pause, [this] { Ask(); });
  }
  void Ask() {
    const NodeId leader = room_.elected();
    const auto target = static_cast<NodeId>(stage_.random().Between(1, room_.nodes()));
    if (leader != 0) {
      Transfer(room_, leader, target, [this](const auto& response) {
        if (!response.ok()) return;
        const auto outcome = response->outcome();
        if (outcome == TransferLeadershipResponse::DONE) stage_.Observe(kTransferred);
        if (outcome == TransferLeadershipResponse::ABORTED) stage_.Observe(kAborted);
      });
    }
    if (++asked_ < 8) Next();
  }

  Stage& stage_;
  RaftRoom& room_;
  int asked_ = 0;
};

/// Reads at every server all the time: also at those that have led and do not know better.
void ReadEverywhere(RaftRoom& room, sim::SimTime duration) {
  for (sim::SimTime at = 0; at < duration; at += 40 * kMillisecond) {
    room.world().At(room.world().now() + at, [&room] {
      for (NodeId node = 1; node <= static_cast<NodeId>(room.nodes()); ++node) room.ReadAt(node);
    });
  }
}

void PlayUnderFaults(Stage& stage) {
  constexpr Profile kProfiles[] = {Profile::kLossy, Profile::kPartitions, Profile::kCrashes,
                                   Profile::kDisk, Profile::kEverything};
  const Profile profile = kProfiles[stage.random().Below(std::size(kProfiles))];
  RaftRoom room(stage, {.nodes = DrawServers(stage), .features = kBothOn});
  TellLeadersUnderFaults(stage, room, profile);
}

}  // namespace

void TellLeadersUnderFaults(Stage& stage, RaftRoom& room, Profile profile) {
  room.AwaitLeader();
  room.StartClients(4, 25, 80 * kMillisecond);
  Administrator administrator(stage, room);
  constexpr sim::SimTime kFaults = 2 * kSecond;
  ReadEverywhere(room, kFaults);
  room.LetThingsGoWrongFor(kFaults, profile);
  room.HealAndDemandProgress();
}

void Transfer(RaftRoom& room, NodeId leader, NodeId target,
              std::function<void(const absl::StatusOr<TransferLeadershipResponse>&)> done) {
  TransferLeadershipRequest request;
  request.set_target(target);
  room.world().Invoke<TransferLeadershipRequest, TransferLeadershipResponse>(
      leader, kTransferLeadership, request, std::move(done));
}

std::vector<Scenario> ReadScenarios() {
  return {
      {.lab = "raft",
       .part = "3F",
       .name = "ReadRounds",
       .story = "A client reads at a leader whose first entry is not committed yet; and when the "
                "others answer only what they were sent before. Neither lets it answer.",
       .points = 1,
       .must_observe = {kLateAnswers},
       .play = PlayReadRounds},
      {.lab = "raft",
       .part = "3F",
       .name = "LeadersUnderFaults",
       .story =
           "Clients append, put and read, also at leaders that were deposed, and an administrator "
           "asks one leader after the other to hand over, while everything goes wrong that the "
           "seed draws: losses, cut links, crashes, bad disks, or all of them.",
       .points = 1,
       .seeds = 200,
       .profile = Profile::kEverything,
       .must_observe = {kLeaderChanged, kTwoLeaders, kLeaderDiedBusy, kOverwritten, kUnknownOutcome,
                        kTransferred, kAborted},
       .play = PlayUnderFaults},
  };
}

}  // namespace quorum::grader::raft
