// A server under the microscope: "Cluster membership changes" (section 6), part 3E.

#include <fmt/format.h>

#include "grader/scenarios/raft/administrator.h"
#include "grader/scenarios/raft/microscope.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kRefuses = {
    "raft.refuses-changes",
    "A leader refuses a change while another one is on its way, and what names nobody or somebody "
    "twice; who does not lead says so.",
    "Raft, section 6; raft.proto, ChangeMembershipResponse; handout 3E, step 3"};
constexpr Statement kFinishes = {
    "raft.finishes-changes",
    "Once C_old,new is committed, the leader goes on to C_new, whoever has begun the change.",
    "Raft, section 6; handout 3E, step 4"};
constexpr Statement kLearners = {
    "raft.learners-do-not-count",
    "Learners are sent the log, and count for nothing: no election, no commit, no read.",
    "Raft, section 6; handout 3E, step 2"};
constexpr Statement kLeaves = {
    "raft.leader-leaves-last",
    "A leader that is not in C_new leads until C_new is committed, and then no more.",
    "Raft, section 6; handout 3E, step 5"};
constexpr Statement kDisregardsCandidates = {
    "raft.disregards-candidates",
    "With the feature \"membership\" a server that leads, or has just heard from a leader, neither "
    "enters a candidate's term nor votes for it.",
    "Raft, end of section 6; raft.proto; handout 3E, step 7"};
constexpr Statement kVotesForStrangers = {
    "raft.votes-for-strangers",
    "A server votes by terms and logs: whether its own configuration names the candidate, or "
    "itself, does not matter, since that configuration may be an old one.",
    "Raft, section 6; handout 3E, step 7"};

constexpr char kBothNeeded[] = "one majority alone had voted";
constexpr char kTruncated[] = "a configuration was deleted from the log";
constexpr char kKept[] = "server 1 booted with a configuration that was not committed";
constexpr char kSentSnapshot[] = "server 1 has sent a snapshot";
constexpr char kLearnersAlone[] = "only learners held a command";
constexpr char kLeft[] = "server 1 has left";
constexpr char kSecondRefused[] = "a second change was refused";
constexpr char kAskedDeposed[] = "a leader that was deposed was asked for what it has already";
constexpr char kDisturbed[] = "a candidate asked while there was a leader";

const Membership kJoint = {.voters = {1, 2, 3}, .new_voters = {1, 4, 5}};

/// From now on these servers of the scenario vote for whoever asks, and the others do not answer.
void OnlyTheseVote(Microscope& lens, const std::set<NodeId>& voters) {
  for (const NodeId silent : {2, 3, 4, 5}) {
    if (voters.contains(silent)) continue;
    lens.puppet(silent).Always<RequestVoteRequest, RequestVoteResponse>(
        kRequestVote, [](const RequestVoteRequest&) { return std::nullopt; });
  }
  lens.Vote(voters);
}

/// Server 1 stands with C_old,new, of {1, 2, 3} and {1, 4, 5}, in its log: first one majority
/// votes, in a later term the other one, and then one more is enough.
void DemandBothMajorities(Stage& stage, Microscope& lens) {
  std::set<NodeId> first = {2, 3};
  std::set<NodeId> second = {4, 5};
  if (stage.random().Below(2) == 0) std::swap(first, second);
  for (const std::set<NodeId>& voters : {first, second}) {
    OnlyTheseVote(lens, {});  // whoever has voted before, did so in an earlier term
    const Term term = lens.AwaitCandidacy(lens.ledger().servers().at(1).term);
    OnlyTheseVote(lens, voters);
    lens.world().RunFor(kSecond);
    stage.Step(fmt::format("Server 1 has stood since term {}, and does not lead.", term));
  }
  stage.Observe(kBothNeeded);
  lens.Support({*first.begin()});
  lens.AwaitLead();
}

void PlayLastConfiguration(Stage& stage) {
  Microscope lens(stage, {.nodes = 3, .joiners = 2});
  lens.AppendThese(2, 1, 0, 0, {Microscope::MakeEntry(1, 1)});
  lens.AppendThese(2, 1, 1, 1, {Microscope::MakeEntry(2, 1, kJoint)},
                   static_cast<LogIndex>(stage.random().Below(2)));
  if (stage.random().Below(2) == 0) {
    // A later leader has never heard of the change.
    lens.AppendThese(3, 2, 1, 1, {Microscope::MakeEntry(2, 2)});
    stage.Observe(kTruncated);
    lens.Vote({stage.random().Below(2) == 0 ? NodeId{2} : NodeId{3}});
    lens.AwaitLead(2);  // neither 4 nor 5 votes
    return;
  }
  DemandBothMajorities(stage, lens);
  // It has to bring the change of another leader to its end.
  lens.Support({2, 3, 4, 5});
  const Membership next = {.voters = kJoint.new_voters};
  const bool finished = lens.world().RunUntil(
      [&] { return *lens.ledger().CommittedMembership() == next; }, kPatience);
  stage.Require(
      kFinishes, finished,
      fmt::format("Server 1 leads, with [{}] in its log, and everybody answers. After 20 "
                  "simulated seconds [{}] is committed.",
                  NameMembers(kJoint), NameMembers(*lens.ledger().CommittedMembership())));
}

/// The scenario's majority has committed ten entries, the fifth one C_old,new.
void AssumeJoint(Microscope& lens) {
  for (LogIndex index = 1; index <= 10; ++index) {
    LogEntry entry = {1, CommandValue(Microscope::Command(index, 1))};
    if (index == 5) entry = {1, kNoOp, std::make_shared<const Membership>(kJoint)};
    lens.room().ledger().Assume(entry);
  }
}

void InstallJoint(Microscope& lens) {
  AssumeJoint(lens);
  InstallSnapshotRequest piece;
  piece.set_term(1);
  piece.set_last_included_index(10);
  piece.set_last_included_term(1);
  for (const LogIndex index : {1, 2, 3, 4, 6, 7, 8, 9, 10}) {
    piece.mutable_data()->append(fmt::format("{}@1 ", index));
  }
  piece.set_done(true);
  *piece.mutable_configuration() = MakeConfiguration(kJoint);
  lens.Install(2, piece);
}

void PlayKeptConfiguration(Stage& stage) {
  Microscope lens(stage, {.nodes = 3, .joiners = 2});
  const bool by_snapshot = stage.random().Below(2) == 0;
  if (by_snapshot) {
    InstallJoint(lens);
  } else {
    lens.AppendThese(2, 1, 0, 0,
                     {Microscope::MakeEntry(1, 1), Microscope::MakeEntry(2, 1, kJoint)});
  }
  if (!by_snapshot || stage.random().Below(2) == 0) {
    lens.world().Crash(1, true);
    lens.world().Boot(1);
    stage.Observe(kKept);
    stage.Step("Server 1 loses power, and boots.");
  }
  DemandBothMajorities(stage, lens);
  if (!by_snapshot) return;
  // Server 5 has nothing: it is sent the snapshot, and the rule looks at what is in it.
  lens.puppet(5).Always<AppendEntriesRequest, AppendEntriesResponse>(
      kAppendEntries, [](const AppendEntriesRequest& request) {
        AppendEntriesResponse response;
        response.set_term(request.term());
        response.set_conflict_index(1);
        return response;
      });
  const auto any = [](const InstallSnapshotRequest&) { return true; };
  if (lens.puppet(5).Await(kInstallSnapshot, any)) stage.Observe(kSentSnapshot);
}

/// Server 1 leads, and these are the answers to what it sends: a server that is left out is silent.
void PlayLearners(Stage& stage) {
  Microscope lens(stage, {.nodes = 3, .joiners = 2});
  lens.Support({2, 3, 4, 5});
  lens.AwaitLead();
  Administrator administrator(stage, lens.room());
  administrator.BringAbout({.voters = {1, 2, 3}, .learners = {4, 5}});
  for (const NodeId voter : {2, 3}) {
    lens.puppet(voter).Always<AppendEntriesRequest, AppendEntriesResponse>(
        kAppendEntries, [](const AppendEntriesRequest&) { return std::nullopt; });
  }
  stage.Step("From now on servers 2 and 3 are silent; the learners 4 and 5 answer.");
  lens.world().RunFor(100 * kMillisecond);
  const LogIndex committed = lens.ledger().committed_up_to();
  lens.room().Append(1, "nobody ", Ignore);
  lens.world().Invoke<log::ReadRequest, log::ReadResponse>(
      1, log::kRead, {}, [](const absl::StatusOr<log::ReadResponse>&) {});
  const auto learned = lens.world().RunUntil(
      [&] {
        const LogIndex held = lens.ledger().HoldingOf(lens.ledger().latest_term(), 4);
        return held > committed;
      },
      5 * kSecond);
  if (learned) stage.Observe(kLearnersAlone);
  lens.world().RunFor(kSecond);  // raft.reads-are-confirmed judges the read
  lens.Support({2});
  const bool done =
      lens.world().RunUntil([&] { return lens.ledger().committed_up_to() > committed; }, kPatience);
  stage.Require(kLearners,
                done && lens.world().RunUntil(
                            [&] { return lens.room().tap().applied(1) > committed; }, kPatience),
                "Server 2 answers again, and after 20 simulated seconds server 1 has not applied "
                "the command.");
}

/// Whether server 1 acts as a leader within this time.
bool Leads(Microscope& lens, sim::SimTime within) {
  const auto any = [](const AppendEntriesRequest&) { return true; };
  lens.puppet(2).Await(
      kAppendEntries, [](const auto&) { return false; }, kMillisecond);
  return lens.puppet(2).Await(kAppendEntries, any, within).has_value();
}

void PlayLeaderLeaves(Stage& stage) {
  Microscope lens(stage);
  lens.Support({2, 3});
  const Term term = lens.AwaitLead();
  lens.room().PutAtLeader("begin");  // what a leader inherits must be committed first
  // What has C_new in it server 3 does not answer yet.
  bool silent = true;
  lens.puppet(3).Always<AppendEntriesRequest, AppendEntriesResponse>(
      kAppendEntries,
      [&silent, held = false](
          const AppendEntriesRequest& request) mutable -> std::optional<AppendEntriesResponse> {
        for (const Entry& entry : request.entries()) {
          const Configuration& configuration = entry.configuration();
          held = held || (configuration.voters_size() == 2 && configuration.new_voters_size() == 0);
        }
        if (held && silent) return std::nullopt;
        AppendEntriesResponse response;
        response.set_term(request.term());
        response.set_success(true);
        return response;
      });
  Administrator administrator(stage, lens.room());
  const Membership wanted = {.voters = {2, 3}};
  administrator.Ask(1, wanted);
  stage.Step(
      "An administrator asks server 1, which leads, for [2, 3]. Server 3 is silent once it is "
      "sent C_new.");
  const bool reached =
      lens.world().RunUntil([&] { return *lens.ledger().MembershipOf(1) == wanted; }, kPatience);
  stage.Require(
      kFinishes, reached,
      fmt::format("Servers 2 and 3 answer; after 20 simulated seconds the log of server 1 "
                  "has the configuration [{}].",
                  NameMembers(*lens.ledger().MembershipOf(1))));
  lens.world().RunFor(300 * kMillisecond);
  stage.Require(kLeaves, administrator.waits() && Leads(lens, kSecond),
                "C_new is in the log of server 1 and not committed; server 1 leads no more.");
  silent = false;
  stage.Step("Server 3 answers again.");
  const bool done = lens.world().RunUntil([&] { return !administrator.waits(); }, kPatience);
  stage.Require(
      kLeaves,
      done && administrator.answer() &&
          administrator.answer()->outcome() == ChangeMembershipResponse::CHANGED,
      "Servers 2 and 3 answer everything; server 1 does not say that the change is done.");
  lens.world().RunFor(500 * kMillisecond);
  const bool leads = Leads(lens, kSecond) && lens.ledger().latest_term() == term &&
                     lens.ledger().latest_leader() == 1;
  stage.Require(kLeaves, !leads, "C_new, without server 1, is committed, and it leads still.");
  stage.Observe(kLeft);
}

void DemandRefusal(Stage& stage, Microscope& lens, const Membership& wanted) {
  Administrator administrator(stage, lens.room());
  administrator.Ask(1, wanted);
  lens.world().RunUntil([&] { return !administrator.waits(); }, kPatience);
  const auto& answer = administrator.answer();
  stage.Require(kRefuses, answer && answer->outcome() == ChangeMembershipResponse::REFUSED,
                fmt::format("An administrator asks server 1 for [{}], and is answered: {}.",
                            NameMembers(wanted), answer ? answer->ShortDebugString() : "nothing"));
}

/// Servers 2 to 4 have elected one of them, which has left server 1 out; server 1 has not heard.
void AskWhoIsDeposed(Stage& stage, Microscope& lens) {
  const Ledger& ledger = lens.ledger();
  const auto all = [&] { return ledger.committed_up_to() == ledger.servers().at(1).last_index(); };
  lens.world().RunUntil(all, kPatience);
  for (const NodeId silent : {2, 3, 4}) {
    lens.puppet(silent).Always<AppendEntriesRequest, AppendEntriesResponse>(
        kAppendEntries, [](const AppendEntriesRequest&) { return std::nullopt; });
  }
  const Term later = ledger.latest_term() + 1;
  const Membership joint = {.voters = {1, 2, 3, 4}, .new_voters = {2, 3, 4}};
  for (const Membership& membership : {joint, Voters(2, 4)}) {
    lens.room().ledger().Assume({later, kNoOp, std::make_shared<const Membership>(membership)});
  }
  stage.Step(
      "Servers 2 to 4, of which server 1 does not hear any more, have a leader of their own, and "
      "make [2, 3, 4] of [1, 2, 3, 4]. Server 1 is asked for [1, 2, 3, 4].");
  Administrator late(stage, lens.room());  // judges what is said
  late.Ask(1, Voters(1, 4));
  stage.Observe(kAskedDeposed);
  lens.world().RunFor(kSecond);
}

void PlaySecondChange(Stage& stage) {
  Microscope lens(stage, {.nodes = 3, .joiners = 2});
  Administrator early(stage, lens.room());
  early.Ask(1, Voters(1, 4));
  lens.world().RunUntil([&] { return !early.waits(); }, kPatience);
  stage.Require(kRefuses,
                early.answer() && early.answer()->outcome() == ChangeMembershipResponse::NOT_LEADER,
                "Server 1, which does not lead, is asked for a change and does not say so.");
  lens.Support({2, 3, 4, 5});
  lens.AwaitLead();
  lens.room().PutAtLeader("begin");  // what a leader inherits must be committed first
  DemandRefusal(stage, lens, {});
  DemandRefusal(stage, lens, {.voters = {1, 2, 3}, .learners = {3}});
  for (const NodeId silent : {2, 3}) {
    lens.puppet(silent).Always<AppendEntriesRequest, AppendEntriesResponse>(
        kAppendEntries, [](const AppendEntriesRequest&) { return std::nullopt; });
  }
  Administrator first(stage, lens.room());
  first.Ask(1, Voters(1, 4));
  stage.Step("Servers 2 and 3 are silent, and an administrator asks for [1, 2, 3, 4].");
  lens.world().RunFor(stage.random().Between(1, 300) * kMillisecond);
  DemandRefusal(stage, lens, {.voters = {1, 2, 3, 5}});
  DemandRefusal(stage, lens, {.voters = {1, 2}});
  stage.Observe(kSecondRefused);
  lens.Support({2, 3});
  const bool done = lens.world().RunUntil([&] { return !first.waits(); }, kPatience);
  stage.Require(
      kFinishes,
      done && first.answer() && first.answer()->outcome() == ChangeMembershipResponse::CHANGED,
      "Servers 2 and 3 answer again, and the first change does not come to its end.");
  AskWhoIsDeposed(stage, lens);
}

/// Asks in a later term, while there is a leader.
void Disturb(Stage& stage, Microscope& lens, Term leader_term) {
  const Term later = leader_term + static_cast<Term>(stage.random().Between(1, 9));
  const auto response = lens.AskForVote(4, later, {1'000, leader_term});
  const Term entered = lens.room().ledger().server(1).term;
  stage.Require(
      kDisregardsCandidates, !response.vote_granted() && entered == leader_term,
      fmt::format("There is a leader of term {}, and server 4 stands in term {}: server 1 "
                  "answers \"{}\", and is in term {}.",
                  leader_term, later, response.vote_granted() ? "granted" : "refused", entered));
  stage.Observe(kDisturbed);
}

void PlayRemovedLearner(Stage& stage) {
  Microscope lens(stage, {.nodes = 3, .joiners = 2, .features = {"membership"}});
  const Membership joint = {.voters = {1, 2, 3}, .new_voters = {2, 3}, .learners = {1}};
  const Membership without = {.voters = {2, 3}, .learners = {1}};
  lens.AppendThese(2, 1, 0, 0,
                   {Microscope::MakeEntry(1, 1, joint), Microscope::MakeEntry(2, 1, without)});
  for (int heartbeat = 0; heartbeat < 10; ++heartbeat) {
    lens.AppendThese(2, 1, 2, 1, {}, 2);
    lens.world().RunFor(stage.random().Between(0, 100) * kMillisecond);
    Disturb(stage, lens, 1);
  }
  lens.world().RunFor(200 * kMillisecond);
  const auto response = lens.AskForVote(5, 50, {7, 40});
  stage.Require(
      kVotesForStrangers, response.vote_granted(),
      "The last configuration that server 1 knows is [2, 3, learning: 1]. No leader calls, "
      "and server 5, whose log is longer, asks for its vote: refused.");
}

/// A leader hears itself.
void PlayDisturbedLeader(Stage& stage) {
  Microscope lens(stage, {.nodes = 3, .joiners = 2, .features = {"membership"}});
  lens.Support({2, 3});
  const Term term = lens.AwaitLead();
  for (int time = 0; time < 5; ++time) {
    lens.world().RunFor(stage.random().Between(0, 400) * kMillisecond);
    Disturb(stage, lens, term);
  }
  lens.room().PutAtLeader("still");
}

void PlayStrangers(Stage& stage) {
  stage.random().Below(2) == 0 ? PlayRemovedLearner(stage) : PlayDisturbedLeader(stage);
}

}  // namespace

std::vector<Scenario> MembershipMicroscopes() {
  return {
      {.lab = "raft",
       .part = "3E",
       .name = "LastConfiguration",
       .story =
           "C_old,new is in the log of a server, not committed, when it stands for election. It "
           "needs both majorities, and then has to bring the change to its end. Or a later "
           "leader has deleted the entry: the configuration before is in use again.",
       .points = 1,
       .must_observe = {kBothNeeded, kTruncated},
       .play = PlayLastConfiguration},
      {.lab = "raft",
       .part = "3E",
       .name = "KeptConfiguration",
       .story =
           "A server has C_old,new in its log, or in its snapshot, and restarts. Then it stands "
           "for election, and sends its snapshot on.",
       .points = 1,
       .must_observe = {kKept, kBothNeeded, kSentSnapshot},
       .play = PlayKeptConfiguration},
      {.lab = "raft",
       .part = "3E",
       .name = "LearnersDoNotCount",
       .story =
           "Two of five servers are learners. They answer the leader, and the two other voters "
           "do not.",
       .points = 1,
       .must_observe = {kLearnersAlone},
       .play = PlayLearners},
      {.lab = "raft",
       .part = "3E",
       .name = "LeaderLeaves",
       .story = "A leader of three servers is asked to leave. One of the others is slow to answer.",
       .points = 1,
       .must_observe = {kLeft},
       .play = PlayLeaderLeaves},
      {.lab = "raft",
       .part = "3E",
       .name = "SecondChange",
       .story =
           "An administrator asks for changes that make no sense, and for a second one while the "
           "first one cannot be committed. At last for what the leader has in use already, but "
           "others "
           "have elected another one, and have gone on.",
       .points = 1,
       .must_observe = {kSecondRefused, kAskedDeposed},
       .play = PlaySecondChange},
      {.lab = "raft",
       .part = "3E",
       .name = "Strangers",
       .story =
           "While a leader calls, or leads itself, a server that was removed asks it for its vote. "
           "When no leader calls any more, a candidate of whom nobody has heard asks a learner.",
       .points = 1,
       .must_observe = {kDisturbed},
       .play = PlayStrangers},
  };
}

}  // namespace quorum::grader::raft
