// Part 3F: asking before standing for election.

#include <fmt/format.h>

#include "grader/scenarios/raft/leadership_scenarios.h"
#include "grader/scenarios/raft/microscope.h"
#include "grader/scenarios/raft/statements.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kGrantsPreVote = {
    "raft.grants-pre-vote",
    "A server answers a PreVote with yes if the asker's log is at least as up-to-date as its own, "
    "the asker's next term is no earlier than its own, and it has not heard from a leader within "
    "the minimum election timeout. It may say yes to several askers.",
    "Ongaro's thesis, section 9.6; handout 3F, step 1"};
constexpr Statement kRefusesPreVote = {
    "raft.refuses-pre-vote",
    "A server answers a PreVote with no if the asker's log is less up-to-date than its own, or the "
    "asker's next term is earlier than its own.",
    "Ongaro's thesis, section 9.6; Raft, section 5.4.1; handout 3F, step 1"};
constexpr Statement kChangesNothing = {
    "raft.pre-vote-changes-nothing",
    "A PreVote changes neither the term nor the vote of who is asked.",
    "Ongaro's thesis, section 9.6; handout 3F, step 1"};
constexpr Statement kPreVoteTimerRule = {
    "raft.pre-vote-timer",
    "To be asked for a PreVote, with whatever answer, does not keep a server from asking itself: "
    "its election timer goes on.",
    "Ongaro's thesis, section 9.6; handout 3F, step 1"};
constexpr Statement kGoesOnAsking = {
    "raft.goes-on-asking",
    "A server that hears no leader asks again and again who would vote for it, and stands once a "
    "majority would.",
    "Ongaro's thesis, section 9.6; Raft, section 5.2; handout 3F, step 2"};
constexpr Statement kDoesNotDepose = {
    "raft.does-not-depose",
    "With \"pre-vote\", a server that was cut off, in one direction or both, deposes nobody: "
    "neither meanwhile nor when it is back.",
    "Ongaro's thesis, section 9.6; handout 3F, step 2"};

constexpr char kAskedItself[] = "server 1 asked who would vote for it";
constexpr char kWouldVote[] = "server 1 would have voted";
constexpr char kCameBack[] = "a server that had asked in vain came back";

/// Counts the questions of each server.
class PreVotes final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (path == kPreVote.path && !message.is_response) ++asked[message.from];
  }
  std::map<NodeId, int> asked;
};

void AwaitQuestion(Stage& stage, Microscope& lens, PreVotes& asked) {
  asked.asked.clear();
  const bool did = lens.world().RunUntil([&] { return asked.asked[1] > 0; }, kPatience);
  stage.Require(kGoesOnAsking, did,
                "Server 1 hears no leader, and asks for no PreVote within 20 simulated seconds.");
  stage.Observe(kAskedItself);
  stage.Step("Server 1 hears no leader, and asks who would vote for it.");
}

void DemandSame(Stage& stage, Microscope& lens, Term term, NodeId vote) {
  lens.world().RunFor(20 * kMillisecond);  // a write may be under way
  const ServerRecord& record = lens.room().ledger().server(1);
  stage.Require(kChangesNothing, record.term == term && record.voted_for == vote,
                fmt::format("Before it was asked, the disk of server 1 said term {} and a vote for "
                            "{}; now it says term {} and a vote for {} (0: nobody).",
                            term, vote, record.term, record.voted_for));
}

/// Somebody else asks all the time.
void DemandThatTimerGoesOn(Stage& stage, Microscope& lens, PreVotes& asked, Term term) {
  const bool would = stage.random().Below(2) == 0;
  lens.Append(2, term, 4, 3);
  asked.asked.clear();
  for (int ask = 0; ask < 250 && asked.asked[1] == 0; ++ask) {
    lens.AskForPreVote(3, term + 1, would ? Candidacy{9, term} : Candidacy{0, 0});
    lens.world().RunFor(20 * kMillisecond);
  }
  stage.Require(kPreVoteTimerRule, asked.asked[1] > 0,
                "Every 20 ms server 3 asks for a PreVote, and nobody leads. Within 5 simulated "
                "seconds server 1 has not asked itself.");
}

void PlayPreVotes(Stage& stage) {
  PreVotes asked;
  Microscope lens(stage, 3, kPreVoteOn);
  lens.world().Watch(asked);
  const auto term = static_cast<Term>(stage.random().Between(20, 30));
  lens.AskForVote(2, term, {1, 1});
  lens.Append(2, term, 0, 0, {1, 1, 3, 3});
  const auto heard = lens.AskForPreVote(3, term + 1, {9, term});
  stage.Require(kRefusesPreVote, !heard.granted(),
                "Server 2 leads, and server 1 has just heard from it.");
  AwaitQuestion(stage, lens, asked);
  const Candidacy worse[] = {{3, 3}, {9, 1}, {9, 2}, {0, 0}};
  const Candidacy better[] = {{4, 3}, {5, 3}, {1, 4}, {2, 7}};
  for (const Candidacy& candidacy : worse) {
    stage.Require(kRefusesPreVote, !lens.AskForPreVote(3, term + 1, candidacy).granted(),
                  "The log of server 1 has entries of terms 1, 1, 3, 3.");
  }
  for (const Candidacy& candidacy : better) {
    for (const NodeId asker : {3, 2}) {
      stage.Require(kGrantsPreVote, lens.AskForPreVote(asker, term + 1, candidacy).granted(),
                    "The log of server 1 has entries of terms 1, 1, 3, 3, and it hears no leader.");
    }
  }
  stage.Observe(kWouldVote);
  const auto stale = lens.AskForPreVote(3, term - 1, {9, term});
  stage.Require(kRefusesPreVote, !stale.granted() && stale.term() == term,
                fmt::format("Server 1 is in term {}.", term));
  DemandSame(stage, lens, term, 2);
  DemandThatTimerGoesOn(stage, lens, asked, term);
}

void Answer(Microscope& lens, NodeId puppet, Term term_behind, bool granted) {
  lens.puppet(puppet).Always<PreVoteRequest, PreVoteResponse>(
      kPreVote, [term_behind, granted](const PreVoteRequest& request) {
        PreVoteResponse response;
        response.set_term(request.next_term() - 1 + term_behind);
        response.set_granted(granted);
        return response;
      });
}

void PlayAsksFirst(Stage& stage) {
  PreVotes asked;
  Microscope lens(stage, 5, kPreVoteOn);
  lens.world().Watch(asked);
  for (const NodeId puppet : {2, 3}) Answer(lens, puppet, 0, false);
  Answer(lens, 4, 0, true);
  stage.Step("Servers 2 and 3 would not vote for server 1, server 4 would, server 5 is silent.");
  AwaitQuestion(stage, lens, asked);
  asked.asked.clear();
  lens.world().RunFor(5 * kSecond);
  stage.Require(kGoesOnAsking, asked.asked[1] >= 4,
                fmt::format("Within 5 simulated seconds server 1 asks {} times for a PreVote.",
                            asked.asked[1]));
  stage.Step("For 5 seconds it stays so, and server 1 must not stand.");
  Answer(lens, 2, 7, false);
  const bool entered =
      lens.world().RunUntil([&] { return lens.room().ledger().server(1).term >= 7; }, 5 * kSecond);
  stage.Require(kStepsDown, entered,
                fmt::format("Server 2 answers that it is in a term later by 7; 5 simulated seconds "
                            "later the disk of server 1 says term {}.",
                            lens.room().ledger().server(1).term));
  stage.Step("Server 2 is in a later term, which server 1 enters.");
  lens.Vote({2, 3});
  lens.AwaitLead();
}

/// Writes go on, and the term stays, while a server is away and when it is back.
void PlayComesBack(Stage& stage) {
  PreVotes asked;
  RaftRoom room(stage, {.nodes = DrawServers(stage),
                        .snapshot_every = kHardlyASnapshot,
                        .features = stage.random().Below(2) == 0 ? kPreVoteOn : kBothOn});
  room.world().Watch(asked);
  const NodeId leader = room.AwaitLeader();
  room.PutAtLeader("begin");
  const Term term = room.ledger().latest_term();
  for (int round = 0; round < 3; ++round) {
    const auto step = static_cast<NodeId>(stage.random().Between(1, room.nodes() - 1));
    const NodeId away = (leader - 1 + step) % static_cast<NodeId>(room.nodes()) + 1;
    const bool deaf = round > 0;  // it hears nobody, and is heard
    asked.asked.clear();
    for (NodeId other = 1; other <= static_cast<NodeId>(room.nodes()); ++other) {
      if (other == away) continue;
      room.world().network().Cut(other, away);
      if (!deaf) room.world().network().Cut(away, other);
    }
    stage.Step(fmt::format("Server {} leads term {}; server {} {}.", leader, term, away,
                           deaf ? "is deaf: what others send does not arrive" : "is cut off"));
    for (int command = 0; command < 10; ++command) {
      room.PutAtLeader(fmt::format("{}.{}", round, command));
      room.world().RunFor(stage.random().Between(100, 200) * kMillisecond);
    }
    if (asked.asked[away] > 0) stage.Observe(kCameBack);
    for (NodeId other = 1; other <= static_cast<NodeId>(room.nodes()); ++other) {
      if (other == away) continue;
      room.world().network().Mend(other, away);
      if (!deaf) room.world().network().Mend(away, other);
    }
    stage.Step(fmt::format("Server {} is back.", away));
    room.world().RunFor(kSecond);
    const Term now = room.ledger().spoken_of();
    stage.Require(kDoesNotDepose, now == term && room.elected() == leader,
                  fmt::format("Server {} led term {} when server {} went away; now somebody is in "
                              "term {}, and server {} leads (0: nobody).",
                              leader, term, away, now, room.elected()));
  }
  room.HealAndDemandProgress();
}

}  // namespace

std::vector<Scenario> PreVoteScenarios() {
  return {
      {.lab = "raft",
       .part = "3F",
       .name = "PreVotes",
       .story = "Servers that the test plays ask one server whether it would vote for them: while "
                "it hears a leader and when it does not, with better logs and worse ones; and so "
                "often that it would never ask itself, if that counted.",
       .points = 1,
       .must_observe = {kAskedItself, kWouldVote},
       .play = PlayPreVotes},
      {.lab = "raft",
       .part = "3F",
       .name = "AsksFirst",
       .story = "Of four others one would vote for a server, and that is not enough: it must not "
                "enter another term. Then others would, too.",
       .points = 1,
       .must_observe = {kAskedItself},
       .play = PlayAsksFirst},
      {.lab = "raft",
       .part = "3F",
       .name = "ComesBack",
       .story = "A follower is cut off for a while, or is deaf: it sends, and hears nothing. All "
                "the while, and when it is back, the leader goes on in its term.",
       .points = 1,
       .must_observe = {kCameBack},
       .play = PlayComesBack},
  };
}

}  // namespace quorum::grader::raft
