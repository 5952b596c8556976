// Elections under the microscope: parts 3A and 3C.

#include <fmt/format.h>

#include <functional>

#include "grader/scenarios/raft/microscope.h"
#include "grader/scenarios/raft/statements.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kGrantsVote = {
    "raft.grants-vote",
    "A server grants its vote if it has not given it to another candidate in that term, and the "
    "candidate's log is at least as up-to-date as its own; also when it is asked again.",
    "Raft, figure 2, RequestVote RPC (step 2); handout 3A, step 4"};
constexpr Statement kRefusesStale = {
    "raft.refuses-stale-terms",
    "A server refuses a request of an earlier term than its own, and answers with its own term.",
    "Raft, figure 2, RequestVote RPC and AppendEntries RPC (step 1); handout 3A, steps 4 and 5"};
constexpr Statement kCandidateFollows = {
    "raft.candidate-follows",
    "A candidate that hears from the leader of its term becomes its follower.",
    "Raft, section 5.2; handout 3A, step 5"};
constexpr Statement kTimerRule = {
    "raft.election-timer",
    "Only the leader of the current term, and a vote that it grants, keep a server from standing "
    "for election: not a leader of an earlier term, and not a candidate that it refuses.",
    "Raft, figure 2, Rules for Servers (followers); Students' Guide to Raft, livelocks; handout "
    "3A, step 4"};

constexpr char kStoodTwice[] = "server 1 stood for election in two terms";
constexpr char kAsked[] = "server 1 asked for votes";
constexpr char kLed[] = "server 1 led";
constexpr char kGranted[] = "server 1 granted a vote";

Term DrawTerm(Stage& stage) { return static_cast<Term>(stage.random().Between(20, 30)); }

void PlayOneVote(Stage& stage) {
  Microscope lens(stage);
  const Term term = DrawTerm(stage);
  stage.Require(kGrantsVote, lens.AskForVote(2, term).vote_granted(),
                "Nobody else has asked for a vote in this term, and both logs are empty.");
  stage.Observe(kGranted);
  lens.AskForVote(3, term);
  stage.Require(kGrantsVote, lens.AskForVote(2, term).vote_granted(),
                "The candidate that has the vote asks again, since the answer may have been lost.");
  const auto stale = lens.AskForVote(3, term - 1);
  stage.Require(
      kRefusesStale, !stale.vote_granted() && stale.term() >= term,
      fmt::format("Server 1 is in term {}; to a candidate of term {} it answers: {}, term "
                  "{}.",
                  term, term - 1, stale.vote_granted() ? "granted" : "refused", stale.term()));
}

void PlayRememberedVote(Stage& stage) {
  Microscope lens(stage);
  const Term term = DrawTerm(stage);
  stage.Require(kGrantsVote, lens.AskForVote(2, term).vote_granted(),
                "Nobody else has asked for a vote in this term, and both logs are empty.");
  stage.Observe(kGranted);
  lens.world().Crash(1, stage.random().Below(2) == 0);
  stage.Step("Server 1 dies and restarts.");
  lens.world().Boot(1);
  lens.AskForVote(3, term);
  const Term own = lens.AwaitCandidacy(term);
  lens.world().Crash(1, true);
  stage.Step("Server 1 dies and restarts again.");
  lens.world().Boot(1);
  lens.AskForVote(2, own);
}

/// Calls of `who` again and again, by which server 1 must not be kept from standing for election.
void DemandThatItStands(Stage& stage, Microscope& lens, const char* who,
                        const std::function<void()>& disturb) {
  const sim::SimTime until = lens.world().now() + kPatience;
  const Term before = lens.ledger().servers().at(1).term;
  while (!lens.ledger().candidacies().contains({before + 1, 1})) {
    stage.Require(kTimerRule, lens.world().now() < until,
                  fmt::format("For 20 simulated seconds server 1 has heard from {} only, and does "
                              "not stand for election.",
                              who));
    disturb();
    lens.world().RunFor(20 * kMillisecond);
  }
}

void PlayUpToDate(Stage& stage) {
  Microscope lens(stage);
  Term term = DrawTerm(stage);
  lens.Append(2, 3, 0, 0, {1, 1, 3, 3});
  stage.Step("The log of server 1 has entries of terms 1, 1, 3, 3.");
  const Candidacy worse[] = {{3, 3}, {9, 1}, {9, 2}, {0, 0}};
  const Candidacy better[] = {{4, 3}, {5, 3}, {1, 4}, {2, 7}};
  const std::size_t first = stage.random().Below(4);
  for (std::size_t ask = 0; ask < 4; ++ask) lens.AskForVote(3, ++term, worse[(first + ask) % 4]);
  for (std::size_t ask = 0; ask < 4; ++ask) {
    const auto response = lens.AskForVote(2, ++term, better[(first + ask) % 4]);
    stage.Require(kGrantsVote, response.vote_granted(),
                  "The candidate's log is at least as up-to-date.");
    stage.Observe(kGranted);
  }
  lens.AskForVote(3, ++term, worse[first]);
  DemandThatItStands(stage, lens, "a candidate that it refuses for its log",
                     [&] { lens.AskForVote(3, term, worse[first]); });
}

void PlayStaleLeader(Stage& stage) {
  Microscope lens(stage);
  const Term term = DrawTerm(stage);
  stage.Require(kGrantsVote, lens.AskForVote(2, term).vote_granted(),
                "Nobody else has asked for a vote in this term, and both logs are empty.");
  if (stage.random().Below(2) == 0) {
    DemandThatItStands(stage, lens, "a candidate that it refuses",
                       [&] { lens.AskForVote(3, term); });
  } else {
    DemandThatItStands(stage, lens, "a leader of an earlier term", [&] {
      const auto response = lens.Append(3, term - 1, 0, 0);
      stage.Require(
          kRefusesStale, !response.success() && response.term() >= term,
          fmt::format("Server 1 is in term {}; to a leader of term {} it answers {}, term "
                      "{}.",
                      term, term - 1, response.success() ? "success" : "false", response.term()));
    });
  }
  stage.Observe(kAsked);
}

/// Counts how often server 1 asks for a vote.
class Questions final : public sim::Monitor {
 public:
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (path == kRequestVote.path && !message.is_response && message.from == 1) ++asked;
  }
  int asked = 0;
};

void PlayCandidateFollows(Stage& stage) {
  Questions questions;
  Microscope lens(stage);
  lens.world().Watch(questions);
  const Term term = lens.AwaitCandidacy();
  stage.Observe(kAsked);
  for (int heartbeat = 0; heartbeat < 60; ++heartbeat) {
    const auto response = lens.Append(2, term, 0, 0);
    stage.Require(kCandidateFollows, response.success() && response.term() == term,
                  fmt::format("Server 2 leads term {}, in which server 1 has stood, and sends a "
                              "heartbeat that fits its empty log: it answers {}, term {}.",
                              term, response.success() ? "success" : "false", response.term()));
    if (heartbeat == 0) questions.asked = 0;
    lens.world().RunFor(20 * kMillisecond);
  }
  stage.Require(kCandidateFollows, questions.asked == 0,
                fmt::format("Server 2 leads term {} and has sent 60 heartbeats, which server 1 has "
                            "answered; {} times it has asked for votes meanwhile.",
                            term, questions.asked));
}

/// Keeps every request for a vote until it is to be answered.
using HeldVotes = std::vector<Heard<RequestVoteRequest, RequestVoteResponse>>;

void Collect(Microscope& lens, NodeId puppet, HeldVotes& held, sim::SimTime limit) {
  const auto any = [](const RequestVoteRequest&) { return true; };
  if (auto heard = lens.puppet(puppet).Await(kRequestVote, any, limit)) {
    held.push_back(*std::move(heard));
  }
}

void GrantNow(Heard<RequestVoteRequest, RequestVoteResponse>& asked) {
  RequestVoteResponse response;
  response.set_term(asked.request.term());
  response.set_vote_granted(true);
  asked.responder.Reply(response);
}

/// Votes of a term that is over arrive when the next candidacy has begun.
void PlayLateVotes(Stage& stage) {
  Microscope lens(stage, 5);
  HeldVotes held;
  const Term first = lens.AwaitCandidacy();
  const auto& candidacies = lens.room().ledger().candidacies();
  while (!candidacies.contains({first + 1, 1})) {
    for (const NodeId puppet : {2, 3}) Collect(lens, puppet, held, kMillisecond);
    if (lens.world().now() > kPatience) return;
  }
  stage.Observe(kStoodTwice);
  for (auto& asked : held) {
    if (asked.request.term() == first) GrantNow(asked);
  }
  stage.Step(
      fmt::format("Server 1 stands in term {}; then servers 2 and 3 grant it their votes of "
                  "term {}.",
                  first + 1, first));
  lens.world().RunFor(100 * kMillisecond);
}

/// Two grants of one server are one vote.
void PlayTwoGrants(Stage& stage) {
  Microscope lens(stage, 5);
  HeldVotes held;
  const Term term = lens.AwaitCandidacy();
  const sim::SimTime until = lens.world().now() + 200 * kMillisecond;
  while (lens.world().now() < until) {
    Collect(lens, 2, held, 10 * kMillisecond);
    if (held.size() >= 3) break;
  }
  stage.Observe(kAsked);
  for (auto& asked : held) {
    if (asked.request.term() == term) GrantNow(asked);
  }
  stage.Step(fmt::format("Server 2 has been asked {} times for its vote, and answers each time.",
                         held.size()));
  lens.world().RunFor(200 * kMillisecond);
}

/// The later term is in an answer.
void PlayLaterTermInAnswer(Stage& stage) {
  Microscope lens(stage);
  lens.Vote({2});
  const Term term = lens.AwaitLead();
  stage.Observe(kLed);
  const Term later = term + static_cast<Term>(stage.random().Between(1, 5));
  lens.puppet(3).Always<AppendEntriesRequest, AppendEntriesResponse>(
      kAppendEntries, [later](const AppendEntriesRequest&) {
        AppendEntriesResponse response;
        response.set_term(later);
        return response;
      });
  stage.Step(fmt::format("From now on server 3 answers that it is in term {}.", later));
  const bool entered = lens.world().RunUntil(
      [&] { return lens.room().ledger().server(1).term >= later; }, 5 * kSecond);
  stage.Require(
      kStepsDown, entered,
      fmt::format("Server 1 leads term {} and is answered that it is term {}; 5 simulated "
                  "seconds later its disk says term {}.",
                  term, later, lens.room().ledger().server(1).term));
}

}  // namespace

std::vector<Scenario> VoteMicroscopes() {
  return {
      {.lab = "raft",
       .part = "3A",
       .name = "OneVote",
       .story = "Candidates that the test plays ask one server for its vote: two in the same term, "
                "one of them twice, and one of a term that is over.",
       .points = 1,
       .must_observe = {kGranted},
       .play = PlayOneVote},
      {.lab = "raft",
       .part = "3A",
       .name = "StaleLeader",
       .story =
           "A leader of an earlier term, or a candidate in whose term the vote is given, calls "
           "again and again. It is refused, and does not keep the server from standing for "
           "election.",
       .points = 1,
       .must_observe = {kAsked},
       .play = PlayStaleLeader},
      {.lab = "raft",
       .part = "3A",
       .name = "CandidateFollows",
       .story = "While a server stands for election it hears from another one that leads the term.",
       .points = 1,
       .must_observe = {kAsked},
       .play = PlayCandidateFollows},
      {.lab = "raft",
       .part = "3A",
       .name = "LateVotes",
       .story =
           "Two of four others grant their votes so late that the candidate stands in the next "
           "term already.",
       .points = 1,
       .must_observe = {kStoodTwice},
       .play = PlayLateVotes},
      {.lab = "raft",
       .part = "3A",
       .name = "TwoGrants",
       .story = "One of four others is slow to answer, and then grants its vote as often as it was "
                "asked. It is one vote of the three that a majority takes.",
       .points = 1,
       .must_observe = {kAsked},
       .play = PlayTwoGrants},
      {.lab = "raft",
       .part = "3A",
       .name = "LaterTermInAnswer",
       .story = "A leader is answered that a later term has begun.",
       .points = 1,
       .must_observe = {kLed},
       .play = PlayLaterTermInAnswer},
      {.lab = "raft",
       .part = "3B",
       .name = "UpToDate",
       .story = "Candidates whose logs are longer, shorter, of later and of earlier terms ask a "
                "server with a log for its vote.",
       .points = 1,
       .must_observe = {kGranted},
       .play = PlayUpToDate},
      {.lab = "raft",
       .part = "3C",
       .name = "RememberedVote",
       .story = "A server votes, dies, and is asked by another candidate of that term; then it "
                "stands for election itself, dies, and is asked by another one.",
       .points = 2,
       .must_observe = {kGranted},
       .play = PlayRememberedVote},
  };
}

}  // namespace quorum::grader::raft
