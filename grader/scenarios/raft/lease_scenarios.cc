// Part 3F, bonus: reads by lease; and what becomes of them when a clock jumps.

#include <fmt/format.h>

#include "grader/scenarios/raft/leadership_rules.h"
#include "grader/scenarios/raft/leadership_scenarios.h"
#include "grader/scenarios/raft/microscope.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kLeaseEnds = {
    "raft.lease-ends-with-transfer",
    "Once a leader has sent a TimeoutNow it reads by lease no more in that term, also if it has "
    "given the transfer up: that message may arrive at any time.",
    "Ongaro's thesis, sections 3.10 and 6.4.1; raft.proto; handout 3F, step 8"};
constexpr Statement kLeaseBudget = {
    "raft.lease-budget",
    "While everyone answers a leader's heartbeats, reads by lease cost no messages.",
    "Ongaro's thesis, section 6.4.1; handout 3F, step 8"};

constexpr char kReadByLease[] = "a leader read without asking anybody";
constexpr char kLeaseOver[] = "a leader that nobody answered any more did not read";
constexpr char kToldToStand[] = "a server was told to stand while its leader had a lease";
constexpr char kElsewhere[] = "another leader wrote while the first one was cut off";
constexpr char kStaleRead[] = "a client has read an old value";

/// Large, so that a lease which does not allow for it is seen to be too long.
constexpr std::uint32_t kBound = 50'000;

/// Reads that are answered, and messages that cost something.
class Counter final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view) override {
    if (message.from != message.to) ++sent;
  }
  void OnReturn(NodeId, std::uint64_t, std::string_view path, const absl::Status& status,
                std::string_view response) override {
    if (path != log::kRead.path || !status.ok()) return;
    log::ReadResponse read;
    read.ParseFromArray(response.data(), static_cast<int>(response.size()));
    if (read.confirmed()) ++confirmed;
  }
  std::uint64_t sent = 0;
  int confirmed = 0;
};

void PlayLeaseCosts(Stage& stage) {
  Counter counter;
  RaftRoom room(
      stage,
      {.nodes = DrawServers(stage), .snapshot_every = kHardlyASnapshot, .features = kLeasesOn});
  room.world().Watch(counter);
  const NodeId leader = room.AwaitLeader();
  room.PutAtLeader("begin");
  room.world().RunFor(kSecond);
  counter.sent = 0;
  counter.confirmed = 0;
  constexpr int kReads = 400;
  for (int read = 0; read < kReads; ++read) {
    room.ReadAt(leader);
    room.world().RunFor(kMillisecond);
  }
  const auto allowed = static_cast<std::uint64_t>(room.nodes() - 1) * 2 * 22;
  stage.Require(
      kLeaseBudget, counter.confirmed == kReads && counter.sent <= allowed,
      fmt::format("Within 400 ms in which nothing goes wrong, server {} is asked to read "
                  "{} times and answers {}; {} servers send {} messages, {} are allowed: "
                  "a heartbeat every 20 ms.",
                  leader, kReads, counter.confirmed, room.nodes(), counter.sent, allowed));
  stage.Observe(kReadByLease);
  room.HealAndDemandProgress();
}

/// Server 1 leads, everyone answers, and then nobody does. It reads all the time; the clocks of the
/// world say for how long it may, and raft.reads-are-confirmed watches.
void PlayLeaseEnds(Stage& stage) {
  Counter counter;
  Microscope lens(stage, 3, kLeasesOn, kBound);
  lens.world().Watch(counter);
  constexpr std::int32_t kRates[] = {-static_cast<std::int32_t>(kBound), 0,
                                     static_cast<std::int32_t>(kBound)};
  const std::int32_t rate = kRates[stage.random().Below(3)];
  lens.world().SetClockRate(1, rate);
  lens.Support({2, 3});
  lens.AwaitLead();
  lens.world().RunFor(300 * kMillisecond);
  const sim::SimTime late = stage.random().Between(0, 100) * kMillisecond;
  faults::Link slow;
  slow.set_extra_delay_ns(late);
  for (const NodeId puppet : {2, 3}) lens.world().network().SetLink(puppet, 1, slow);
  stage.Step(
      fmt::format("The clock of server 1 is off by {} ppm, and it leads. From now on answers "
                  "come {} ms late; then none comes any more. It reads all the time.",
                  rate, late / kMillisecond));
  const auto read = [&](sim::SimTime duration) {
    counter.confirmed = 0;
    const sim::SimTime until = lens.world().now() + duration;
    while (lens.world().now() < until) {
      lens.room().ReadAt(1);
      lens.world().RunFor(kMillisecond / 5);
    }
    return counter.confirmed;
  };
  if (read(400 * kMillisecond) > 0) stage.Observe(kReadByLease);
  const bool stops = stage.random().Below(2) == 0;
  if (stops) lens.world().Pause(1);
  StopAnswering(lens);
  lens.world().RunFor(stage.random().Between(0, 140) * kMillisecond);
  if (stops) lens.world().Resume(1);
  if (stops) stage.Step("Server 1 is stopped for a while (SIGSTOP).");
  read(160 * kMillisecond);
  if (read(100 * kMillisecond) == 0) stage.Observe(kLeaseOver);
}

/// The TimeoutNow is on its way for longer than the transfer lasts.
void PlayLeaseEndsWithTransfer(Stage& stage) {
  Counter counter;
  Microscope lens(stage, 3, kLeasesOn, kBound);
  lens.world().Watch(counter);
  lens.Support({2, 3});
  lens.AwaitLead();
  lens.world().RunFor(300 * kMillisecond);
  bool over = false;
  Transfer(lens.room(), 1, 2, [&](const auto&) { over = true; });
  const auto any = [](const TimeoutNowRequest&) { return true; };
  const bool told = lens.puppet(2).Await(kTimeoutNow, any, kSecond).has_value();
  if (told) stage.Observe(kToldToStand);
  if (stage.random().Below(2) == 0) lens.world().RunUntil([&] { return over; }, 5 * kSecond);
  lens.world().RunFor(100 * kMillisecond);
  stage.Step(fmt::format("Server 2 is told to stand, and has not done so yet; the transfer {}.",
                         over ? "is given up" : "is under way"));
  StopAnswering(lens);
  lens.world().RunFor(5 * kMillisecond);  // what was answered has arrived
  counter.confirmed = 0;
  for (int read = 0; read < 20; ++read) {
    lens.room().ReadAt(1);
    lens.world().RunFor(kMillisecond);
  }
  stage.Require(
      kLeaseEnds, counter.confirmed == 0 || !told,
      fmt::format("Nobody answers server 1 any more. It confirms {} of 20 reads, although "
                  "server 2 may be elected at any time: it was told to stand.",
                  counter.confirmed));
}

void PlayLeaseMicroscopes(Stage& stage) {
  stage.random().Below(3) == 0 ? PlayLeaseEndsWithTransfer(stage) : PlayLeaseEnds(stage);
}

/// A voter forgets what it has promised, and a server that has long been cut off waits for that.
void PlayLeaseThroughRestart(Stage& stage) {
  RaftRoom room(stage, {.nodes = 3, .snapshot_every = kHardlyASnapshot, .features = kLeasesOn});
  const NodeId leader = room.AwaitLeader();
  room.PutAtLeader("old");
  const NodeId away = leader % 3 + 1;
  const NodeId voter = away % 3 + 1;
  room.world().network().Cut(leader, away);
  room.world().network().Cut(away, leader);
  room.world().RunFor(stage.random().Between(600, 1500) * kMillisecond);
  stage.Step(
      fmt::format("Server {} leads and is answered by server {}; server {} is cut off from "
                  "it, and would like to stand.",
                  leader, voter, away));
  room.world().Crash(voter, true);
  room.world().network().Cut(leader, voter);
  room.world().network().Cut(voter, leader);
  room.world().Boot(voter);
  stage.Step(fmt::format("Server {} dies and restarts at once; from now on server {} is cut off.",
                         voter, leader));
  const sim::SimTime until = room.world().now() + 400 * kMillisecond;
  bool written = false;
  while (room.world().now() < until) {
    room.ReadAt(leader);
    const NodeId now = room.elected();
    if (now != leader && now != 0 && !written) {
      written = true;
      room.AppendAt(now, "new ", [&](bool executed) {
        if (executed) stage.Observe(kElsewhere);
      });
    }
    room.world().RunFor(kMillisecond);
  }
  for (const NodeId other : {away, voter}) {
    room.world().network().Mend(leader, other);
    room.world().network().Mend(other, leader);
  }
  room.HealAndDemandProgress();
}

/// Clocks at the ends of the bound, and everything else that can go wrong.
void PlayLeasesUnderFaults(Stage& stage) {
  using faults::Profile;
  constexpr Profile kProfiles[] = {Profile::kLossy, Profile::kPartitions, Profile::kCrashes,
                                   Profile::kClocks, Profile::kEverything};
  const Profile profile = kProfiles[stage.random().Below(std::size(kProfiles))];
  RaftRoom room(
      stage, {.nodes = DrawServers(stage), .features = kLeasesOn, .clock_rate_bound_ppm = kBound});
  for (NodeId node = 1; node <= static_cast<NodeId>(room.nodes()); ++node) {
    const auto off = static_cast<std::int32_t>(kBound);
    room.world().SetClockRate(node, stage.random().Below(2) == 0 ? off : -off);
  }
  stage.Step("Each clock is as fast, or as slow, as the bound allows: 5%.");
  TellLeadersUnderFaults(stage, room, profile);
}

/// Out of bound: the clock of a leader stands still, and so does its lease.
void PlayFrozenClock(Stage& stage) {
  RaftRoom room(stage, {.nodes = 3,
                        .snapshot_every = kHardlyASnapshot,
                        .features = kLeasesOn,
                        .clocks_keep_bound = false});
  const NodeId leader = room.AwaitLeader();
  room.PutAtLeader("old");
  room.world().RunFor(200 * kMillisecond);
  room.world().FreezeClock(leader, true);
  room.CutOff(leader, true);
  stage.Step(
      fmt::format("The clock of server {}, which leads, stands still; and the server is cut "
                  "off from the others.",
                  leader));
  room.world().RunUntil([&] { return room.tap().leader() != leader; }, 20 * kSecond);
  room.PutAtLeader("new");
  stage.Step("The others find another leader, and a client puts a new value there.");
  std::string value;
  room.world().Invoke<log::ReadRequest, log::ReadResponse>(
      leader, log::kRead, {}, [&](const absl::StatusOr<log::ReadResponse>& response) {
        if (response.ok() && response->confirmed()) value = response->value();
      });
  room.world().RunFor(100 * kMillisecond);
  if (value == "old") stage.Observe(kStaleRead);
  stage.Step(fmt::format("A client reads at server {}: \"{}\".", leader, value));
}

}  // namespace

std::vector<Scenario> LeaseScenarios() {
  return {
      {.lab = "raft",
       .part = "3F",
       .name = "Leases",
       .story = "A leader reads by lease; its clock is slow, right or fast, answers come late, and "
                "then none comes any more. Or it has told another server to stand.",
       .points = 1,
       .bonus = true,
       .must_observe = {kReadByLease, kLeaseOver, kToldToStand},
       .play = PlayLeaseMicroscopes},
      {.lab = "raft",
       .part = "3F",
       .name = "LeaseCosts",
       .story = "A network that works, and many reads: they cost no messages.",
       .points = 1,
       .bonus = true,
       .must_observe = {kReadByLease},
       .play = PlayLeaseCosts},
      {.lab = "raft",
       .part = "3F",
       .name = "LeaseThroughRestart",
       .story = "A leader holds a lease by the answers of one of two followers, which dies and is "
                "back at once. The other one, long cut off, asks it for its vote.",
       .points = 1,
       .bonus = true,
       .must_observe = {kElsewhere},
       .play = PlayLeaseThroughRestart},
      {.lab = "raft",
       .part = "3F",
       .name = "LeasesUnderFaults",
       .story =
           "Every clock is as wrong as the bound allows. Clients append, put and read, also at "
           "leaders that were deposed, leaders hand over, and everything goes wrong that the "
           "seed draws: losses and delays, cut links, crashes and stopped processes.",
       .points = 1,
       .seeds = 200,
       .profile = faults::Profile::kEverything,
       .bonus = true,
       .must_observe = {kLeaderChanged, kTwoLeaders},
       .play = PlayLeasesUnderFaults},
      {.lab = "raft",
       .part = "3F",
       .name = "FrozenClock",
       .story = "A demonstration, without points. The clock of a leader stands still, which no "
                "bound on its rate allows, and the others elect another one. A client reads at the "
                "first one, which believes that it has a lease: it is told an old value.",
       .points = 0,
       .seeds = 5,
       .must_observe = {kStaleRead},
       .play = PlayFrozenClock},
  };
}

}  // namespace quorum::grader::raft
