// Part 3F: leadership transfer.

#include <fmt/format.h>

#include "grader/scenarios/raft/leadership_scenarios.h"
#include "grader/scenarios/raft/microscope.h"
#include "grader/scenarios/raft/played_log.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kCatchesUpFirst = {
    "raft.catches-up-first",
    "A leader sends TimeoutNow in its own term, to the target alone, and when the target's log is "
    "the same as its own.",
    "Ongaro's thesis, section 3.10 (steps 2 and 3); handout 3F, step 5"};
constexpr Statement kHoldsProposals = {
    "raft.transfer-holds-proposals",
    "While a transfer is under way, the leader appends no new commands: the target would not catch "
    "up with them.",
    "Ongaro's thesis, section 3.10 (step 1); handout 3F, step 5"};
constexpr Statement kGivesUp = {
    "raft.transfer-gives-up",
    "A transfer that has not succeeded after about an election timeout is given up: the "
    "administrator is told, and the leader executes commands again.",
    "Ongaro's thesis, end of section 3.10; handout 3F, step 5"};
constexpr Statement kStandsWhenTold = {
    "raft.stands-when-told",
    "A server that the leader of its term tells to stand for election does so at once, without "
    "asking for PreVotes, and says in its RequestVotes that the leader has told it to.",
    "Ongaro's thesis, sections 3.10 (step 3) and 4.2.3; handout 3F, step 6"};
constexpr Statement kIgnoresStale = {
    "raft.ignores-stale-timeout-now",
    "A server ignores a TimeoutNow of an earlier term than its own, and answers with its own term.",
    "Ongaro's thesis, section 3.10; Raft, section 5.1; handout 3F, step 6"};
constexpr Statement kLearnersDoNotStand = {
    "raft.learners-do-not-stand",
    "A server that does not vote, as the committed configuration says, does not stand for "
    "election, "
    "not even when it is told to.",
    "Raft, section 6; Ongaro's thesis, sections 3.10 and 4.2.1; handout 3F, step 6"};
constexpr Statement kTransfers = {
    "raft.transfers",
    "On a network that works, a leader that is asked to makes a server that runs the leader of the "
    "next term, and then nobody begins another one.",
    "Ongaro's thesis, section 3.10; handout 3F, step 5"};
constexpr Statement kRefusesTransfer = {
    "raft.refuses-transfer",
    "Who does not lead, does not know the target, or is busy with another transfer, says so and "
    "does nothing. The leader itself is a target that leads already.",
    "raft.proto, TransferLeadershipResponse; handout 3F, step 5"};

constexpr char kTold[] = "a server that was up to date was told to stand";
constexpr char kStood[] = "server 1 stood because it was told to";
constexpr char kLearnerTold[] = "a learner was told to stand";
constexpr char kGaveUp[] = "a transfer was given up";
constexpr char kHandedOver[] = "ten transfers in a row succeeded";

using Outcome = TransferLeadershipResponse::Outcome;
/// How a transfer ended, once it has.
using Ending = std::shared_ptr<std::optional<TransferLeadershipResponse>>;

Ending Begin(RaftRoom& room, NodeId leader, NodeId target) {
  auto ending = std::make_shared<std::optional<TransferLeadershipResponse>>();
  Transfer(room, leader, target, [ending](const auto& response) {
    *ending = response.ok() ? *response : TransferLeadershipResponse();
    if (!response.ok()) (*ending)->set_outcome(TransferLeadershipResponse::ABORTED);
  });
  return ending;
}

std::string Name(const Ending& ending) {
  return *ending ? TransferLeadershipResponse::Outcome_Name((*ending)->outcome()) : "no answer";
}

void Follow(Microscope& lens, NodeId node, PlayedLog& log) {
  lens.puppet(node).Always<AppendEntriesRequest, AppendEntriesResponse>(
      kAppendEntries, [&log](const AppendEntriesRequest& request) { return log.Append(request); });
}

LogIndex LogEnd(const Ledger& ledger) { return ledger.servers().at(1).last_index(); }

/// Server 2 answers what it has kept until now.
void TakeWhatWasSent(Microscope& lens, PlayedLog& log) {
  const auto unanswered = [](const AppendEntriesRequest& request) {
    return request.entries_size() > 0;
  };
  while (auto heard = lens.puppet(2).Await(kAppendEntries, unanswered, kMillisecond)) {
    heard->responder.Reply(log.Append(heard->request));
    if (log.terms().size() >= LogEnd(lens.room().ledger())) return;
  }
}

void DemandOutcome(Stage& stage, RaftRoom& room, NodeId leader, NodeId target, Outcome expected) {
  const Ending ending = Begin(room, leader, target);
  room.world().RunUntil([&] { return ending->has_value(); }, 5 * kSecond);
  stage.Require(kRefusesTransfer, *ending && (*ending)->outcome() == expected,
                fmt::format("Server {} is asked to make server {} the leader, and answers: {}; {} "
                            "would be right.",
                            leader, target, Name(ending),
                            TransferLeadershipResponse::Outcome_Name(expected)));
}

/// Server 2 is behind; then it has everything, is told to stand, and does not.
void PlayTransferSteps(Stage& stage) {
  Microscope lens(stage, 3, kPreVoteOn);
  PlayedLog logs[] = {PlayedLog({}), PlayedLog({})};
  const Ledger& ledger = lens.room().ledger();
  lens.Vote({2, 3});
  Follow(lens, 3, logs[1]);
  bool behind = true;
  lens.puppet(2).Always<AppendEntriesRequest, AppendEntriesResponse>(
      kAppendEntries,
      [&](const AppendEntriesRequest& request) -> std::optional<AppendEntriesResponse> {
        if (behind && request.entries_size() > 0) return std::nullopt;
        return logs[0].Append(request);
      });
  const Term term = lens.AwaitLead();
  lens.room().Append(1, "before ", Ignore);
  lens.world().RunFor(100 * kMillisecond);
  const Ending ending = Begin(lens.room(), 1, 2);
  bool sent = false;
  const auto told = [&](const TimeoutNowRequest&) { return sent = true; };
  lens.puppet(2).Await(kTimeoutNow, told, 40 * kMillisecond);
  stage.Step("Server 2 lacks entries. Server 1 is asked to make it the leader.");
  stage.Require(kCatchesUpFirst, !sent, "Server 2 lacks entries, and is told to stand.");
  const LogIndex last = LogEnd(ledger);
  lens.room().Append(1, "meanwhile ", Ignore);
  lens.world().RunFor(20 * kMillisecond);
  const bool held = *ending || LogEnd(ledger) == last;
  stage.Require(
      kHoldsProposals, held,
      fmt::format("A transfer is under way, and the log of server 1 grows from index {} to "
                  "{}.",
                  last, LogEnd(ledger)));
  if (!*ending) DemandOutcome(stage, lens.room(), 1, 3, TransferLeadershipResponse::BUSY);
  behind = false;
  TakeWhatWasSent(lens, logs[0]);
  stage.Step("Now server 2 takes everything.");
  const auto heard = lens.puppet(2).Await(kTimeoutNow, told, kSecond);
  if (heard) {
    stage.Observe(kTold);
    stage.Require(
        kCatchesUpFirst, heard->request.term() == term && logs[0].terms().size() >= last,
        fmt::format("Server 1 leads term {} with a log up to index {}. Server 2, whose log "
                    "ends with index {}, is told in term {} to stand.",
                    term, last, logs[0].terms().size(), heard->request.term()));
  }
  stage.Step("Server 2 does not stand.");
  const bool gave_up = lens.world().RunUntil([&] { return ending->has_value(); }, 5 * kSecond);
  stage.Require(kGivesUp, gave_up && (*ending)->outcome() == TransferLeadershipResponse::ABORTED,
                fmt::format("Server 2 does not stand. Within 5 simulated seconds the administrator "
                            "is told: {}.",
                            Name(ending)));
  stage.Observe(kGaveUp);
  std::optional<log::WriteResponse> written;
  lens.room().Append(1, "after ", [&](const absl::StatusOr<log::WriteResponse>& response) {
    written = response.ok() ? *response : log::WriteResponse();
  });
  lens.world().RunUntil([&] { return written.has_value(); }, 5 * kSecond);
  stage.Require(
      kGivesUp, written && written->outcome() == log::WriteResponse::EXECUTED,
      "The transfer is given up and server 1 leads; a command that it is asked for then is "
      "not executed within 5 simulated seconds.");
}

/// What server 1 asks others when it stands.
class Candidacies final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (message.is_response || message.from != 1) return;
    if (path == kPreVote.path) ++pre_votes;
    if (path != kRequestVote.path) return;
    RequestVoteRequest request;
    request.ParseFromString(message.payload);
    term = request.term();
    told = request.leadership_transfer();
  }
  int pre_votes = 0;
  Term term = 0;
  bool told = false;
};

void PlayStandsWhenTold(Stage& stage) {
  Candidacies stood;
  Microscope lens(stage, 3, kBothOn);
  lens.world().Watch(stood);
  const auto term = static_cast<Term>(stage.random().Between(20, 30));
  lens.Append(2, term, 0, 0, {term});
  for (int tell = 0; tell < 5; ++tell) {
    const auto response = lens.TellToStand(3, term - 1 - static_cast<Term>(tell));
    lens.world().RunFor(stage.random().Between(1, 20) * kMillisecond);
    stage.Require(kIgnoresStale, response.term() == term && stood.term == 0 && stood.pre_votes == 0,
                  fmt::format("Server 1 follows in term {}. A TimeoutNow of an earlier term is "
                              "answered with term {}; since then it has stood in term {} (0: in "
                              "none), and asked for {} PreVotes.",
                              term, response.term(), stood.term, stood.pre_votes));
    lens.Append(2, term, 1, term);
  }
  lens.TellToStand(2, term);
  lens.world().RunFor(50 * kMillisecond);  // sooner than any election timeout
  stage.Require(
      kStandsWhenTold, stood.term == term + 1 && stood.told && stood.pre_votes == 0,
      fmt::format("Server 2 leads term {} and tells server 1 to stand. 50 ms later it has "
                  "stood in term {} (0: in none), {} the leader; it has asked for {} "
                  "PreVotes.",
                  term, stood.term, stood.told ? "and mentions" : "not mentioning",
                  stood.pre_votes));
  stage.Observe(kStood);
  const auto again = lens.TellToStand(2, term);
  lens.world().RunFor(50 * kMillisecond);
  stage.Require(
      kIgnoresStale, stood.term == term + 1,
      fmt::format("The TimeoutNow of term {} comes twice: server 1 stands in term {}, and "
                  "answers that it is in term {}.",
                  term, stood.term, again.term()));
}

/// A leader that believes an old configuration, or makes a mistake, tells a learner to stand.
void PlayLearnerIsTold(Stage& stage) {
  Candidacies stood;
  Microscope lens(stage, 3, stage.random().Below(2) == 0 ? kBothOn : std::vector<std::string>{});
  lens.world().Watch(stood);
  const Membership joint = {.voters = {1, 2, 3}, .new_voters = {2, 3}, .learners = {1}};
  const Membership without = {.voters = {2, 3}, .learners = {1}};
  lens.AppendThese(2, 1, 0, 0,
                   {Microscope::MakeEntry(1, 1, joint), Microscope::MakeEntry(2, 1, without)});
  lens.AppendThese(2, 1, 2, 1, {}, 2);
  lens.TellToStand(2, 1);
  stage.Observe(kLearnerTold);
  lens.world().RunFor(50 * kMillisecond);
  stage.Require(
      kLearnersDoNotStand, stood.term == 0 && stood.pre_votes == 0,
      fmt::format("The configuration [{}] is committed, and server 1 knows. It is told to "
                  "stand, and 50 ms later it has stood in term {} (0: in none), and asked "
                  "for {} PreVotes.",
                  NameMembers(without), stood.term, stood.pre_votes));
}

void PlayTransferMicroscopes(Stage& stage) {
  constexpr void (*kPlays[])(Stage&) = {PlayTransferSteps, PlayStandsWhenTold, PlayLearnerIsTold};
  kPlays[stage.random().Below(std::size(kPlays))](stage);
}

NodeId Other(Stage& stage, RaftRoom& room, NodeId than) {
  const auto step = static_cast<NodeId>(stage.random().Between(1, room.nodes() - 1));
  return (than - 1 + step) % static_cast<NodeId>(room.nodes()) + 1;
}

/// Tries a few times: the leader may have changed, or a target that was away may need longer.
void DemandTransfer(Stage& stage, RaftRoom& room, NodeId target) {
  std::string tries;
  for (int attempt = 0; attempt < 4; ++attempt) {
    const NodeId leader = room.AwaitLeader();
    const Term term = room.ledger().latest_term();
    const Ending ending = Begin(room, leader, target);
    const bool done =
        room.world().RunUntil([&] { return room.elected() == target && *ending; }, 2 * kSecond);
    if (done && (*ending)->outcome() == TransferLeadershipResponse::DONE) {
      const bool next = leader == target || room.ledger().latest_term() == term + 1;
      stage.Require(kTransfers, next,
                    fmt::format("Server {} led term {}, and server {} leads term {}.", leader, term,
                                target, room.ledger().latest_term()));
      return;
    }
    tries += fmt::format(" server {} of term {}: {};", leader, term, Name(ending));
    room.world().RunFor(200 * kMillisecond);
  }
  stage.Require(kTransfers, false,
                fmt::format("Nothing goes wrong and server {} runs. Asked to make it the leader, "
                            "within 2 simulated seconds each:{} it does not lead.",
                            target, tries));
}

void DemandStays(Stage& stage, RaftRoom& room) {
  const NodeId leader = room.elected();
  const Term term = room.ledger().spoken_of();
  room.world().RunFor(kSecond);
  const Term now = room.ledger().spoken_of();
  stage.Require(kTransfers, room.elected() == leader && now == term,
                fmt::format("After a transfer server {} leads term {}; a second later server {} "
                            "leads, and somebody is in term {}.",
                            leader, term, room.elected(), now));
}

void PlayTransfers(Stage& stage) {
  RaftRoom room(stage,
                {.nodes = DrawServers(stage),
                 .snapshot_every = kHardlyASnapshot,
                 .features = stage.random().Below(2) == 0 ? kBothOn : std::vector<std::string>{}});
  const NodeId first = room.AwaitLeader();
  DemandOutcome(stage, room, first, first, TransferLeadershipResponse::DONE);
  DemandOutcome(stage, room, first, 99, TransferLeadershipResponse::NO_SUCH_TARGET);
  DemandOutcome(stage, room, Other(stage, room, first), first,
                TransferLeadershipResponse::NOT_LEADER);
  room.StartClients(4, 60, 60 * kMillisecond);
  for (int transfer = 0; transfer < 10; ++transfer) {
    room.world().RunFor(stage.random().Between(0, 150) * kMillisecond);
    const NodeId leader = room.AwaitLeader();
    const NodeId target = Other(stage, room, leader);
    if (transfer % 3 == 2) {  // it misses some commands before
      room.CutOff(target, true);
      room.world().RunFor(60 * kMillisecond);
      room.CutOff(target, false);
    }
    DemandTransfer(stage, room, target);
  }
  stage.Observe(kHandedOver);
  stage.Step("Ten times the leader hands over to another server, while clients go on.");
  DemandStays(stage, room);
  const NodeId leader = room.AwaitLeader();
  const NodeId dead = Other(stage, room, leader);
  room.world().Crash(dead, stage.random().Below(2) == 0);
  const Ending ending = Begin(room, leader, dead);
  room.world().RunUntil([&] { return ending->has_value(); }, 5 * kSecond);
  stage.Step(
      fmt::format("Server {} is dead; server {} is asked to make it the leader.", dead, leader));
  stage.Require(kGivesUp, *ending && (*ending)->outcome() == TransferLeadershipResponse::ABORTED,
                fmt::format("Server {} is dead. Within 5 simulated seconds server {} answers: {}.",
                            dead, leader, Name(ending)));
  stage.Observe(kGaveUp);
  room.PutAtLeader("after the transfer to a dead server");
  stage.Require(
      kGivesUp, room.elected() == leader,
      fmt::format("Server {} has given up a transfer to a dead server, and leads no more.",
                  leader));
  room.HealAndDemandProgress();
}

}  // namespace

std::vector<Scenario> TransferScenarios() {
  return {
      {.lab = "raft",
       .part = "3F",
       .name = "TransferSteps",
       .story = "A leader is asked to hand over to a server that lacks entries, and then does not "
                "stand. Or a server is told to stand: by leaders of earlier terms, and by its own; "
                "or it is a learner.",
       .points = 1,
       .must_observe = {kTold, kGaveUp, kStood, kLearnerTold},
       .play = PlayTransferMicroscopes},
      {.lab = "raft",
       .part = "3F",
       .name = "Transfers",
       .story =
           "Ten times the leader is asked to hand over, while clients go on, now and then to a "
           "server that has just been cut off; and at last to one that is dead.",
       .points = 1,
       .must_observe = {kHandedOver, kGaveUp},
       .play = PlayTransfers},
  };
}

}  // namespace quorum::grader::raft
