// Part 3F: a leader leads as long as a majority answers, and so long nobody else is elected.

#include <fmt/format.h>

#include "grader/scenarios/raft/leadership_scenarios.h"
#include "grader/scenarios/raft/microscope.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kLosesQuorum = {
    "raft.leader-without-quorum-steps-down",
    "With \"check-quorum\", a leader that a majority has not answered for about an election "
    "timeout "
    "leads no more: it sends no AppendEntries, and tells its clients.",
    "Ongaro's thesis, section 6.2; handout 3F, step 3"};
constexpr Statement kKeepsQuorum = {
    "raft.leader-with-quorum-stays",
    "A leader that a majority answers stays, whatever the others hear or miss, and executes "
    "commands.",
    "Ongaro's thesis, sections 6.2, 4.2.3 and 9.6; handout 3F, step 3"};
constexpr Statement kDisregards = {
    "raft.disregards-candidates",
    "With \"check-quorum\", a server that has heard from a leader within the minimum election "
    "timeout, or leads, does not enter the term of a RequestVote, and answers with its own.",
    "Ongaro's thesis, section 4.2.3; handout 3F, step 4"};
constexpr Statement kVotesAfterwards = {
    "raft.votes-when-it-hears-nobody",
    "A server that has not heard from a leader for an election timeout, or whose leader has told "
    "the candidate to stand, votes as figure 2 says.",
    "Ongaro's thesis, section 4.2.3; Raft, figure 2; handout 3F, step 4"};

constexpr char kClientsTold[] = "a client of the leader that was left without a majority was told";
constexpr char kDeafLeader[] = "a leader was heard by all and heard nobody";
constexpr char kAskedInVain[] = "a server asked in vain who would vote for it";
constexpr char kDisregarded[] = "a candidate was disregarded";

/// When each server has sent AppendEntries last, and who asks for votes.
class LastSent final : public sim::Monitor {
 public:
  explicit LastSent(sim::World& world) : world_(world) {}
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (message.is_response) return;
    if (path == kAppendEntries.path) at[message.from] = world_.now();
    if (path == kPreVote.path) asked = true;
  }
  std::map<NodeId, sim::SimTime> at;
  bool asked = false;

 private:
  sim::World& world_;
};

/// No more than this is about an election timeout.
constexpr sim::SimTime kSoon = 3 * kSecond;

void PlayLosesQuorum(Stage& stage) {
  const bool deaf = stage.random().Below(2) == 0;
  // Without "pre-vote" a server that is heard, and hears nobody, may stand again and again and
  // collect votes of which it never learns: nobody else is elected then, and nobody can help it.
  const bool asks_first = deaf || stage.random().Below(2) == 0;
  RaftRoom room(stage, {.nodes = DrawServers(stage),
                        .snapshot_every = kHardlyASnapshot,
                        .features = asks_first ? kBothOn : kCheckQuorumOn});
  LastSent last(room.world());
  room.world().Watch(last);
  const NodeId leader = room.AwaitLeader();
  room.PutAtLeader("begin");
  // As many followers as do not make a majority go on to answer.
  int answer = room.nodes() / 2 - static_cast<int>(stage.random().Below(2));
  for (NodeId other = 1; other <= static_cast<NodeId>(room.nodes()); ++other) {
    if (other == leader || --answer > 0) continue;
    room.world().network().Cut(other, leader);
    if (!deaf) room.world().network().Cut(leader, other);
  }
  if (deaf) stage.Observe(kDeafLeader);
  stage.Step(fmt::format("Server {} leads, and {}.", leader,
                         deaf ? "what most others answer does not arrive; all of them hear it"
                              : "most others are cut off from it"));
  bool told = false;
  room.Append(leader, "in vain ",
              [&told](const absl::StatusOr<log::WriteResponse>&) { told = true; });
  const Term before = room.ledger().latest_term();
  const bool stepped_down = room.world().RunUntil([&] { return told; }, kSoon);
  stage.Require(
      kLosesQuorum, stepped_down,
      fmt::format("A client has asked server {} for a command 3 simulated seconds ago, and "
                  "still waits.",
                  leader));
  stage.Observe(kClientsTold);
  const sim::SimTime since = room.world().now();
  const bool another = room.world().RunUntil(
      [&] {
        const NodeId now = room.elected();
        return now != 0 && now != leader && room.ledger().latest_term() > before;
      },
      20 * kSecond);
  stage.Require(kElection, another,
                "A majority can talk, and 20 simulated seconds after the leader has stepped down "
                "none of it leads.");
  room.world().RunFor(kSecond);
  stage.Require(kLosesQuorum, last.at[leader] <= since + 50 * kMillisecond,
                fmt::format("Server {} has told its client that it leads no more, and sends "
                            "AppendEntries {} ms later.",
                            leader, (last.at[leader] - since) / kMillisecond));
  for (NodeId other = 1; other <= static_cast<NodeId>(room.nodes()); ++other) {
    while (room.world().network().IsCut(other, leader, room.world().now())) {
      room.world().network().Mend(other, leader);
    }
    while (room.world().network().IsCut(leader, other, room.world().now())) {
      room.world().network().Mend(leader, other);
    }
  }
  room.HealAndDemandProgress();
}

/// Some links between a leader and two of its four followers are bad in one way after the other.
class BadLinks {
 public:
  BadLinks(RaftRoom& room, NodeId leader) : room_(room), leader_(leader) {}

  enum Kind { kCut, kDeafFollowers, kDumbFollowers, kFlapping };
  static const char* Describe(Kind kind) {
    constexpr const char* kTexts[] = {"cut", "cut from the leader on", "cut to the leader",
                                      "flapping"};
    return kTexts[kind];
  }
  void Set(Kind kind, NodeId follower, bool bad, sim::SimTime flap) {
    sim::Network& network = room_.world().network();
    const auto cut = [&](NodeId from, NodeId to) {
      bad ? network.Cut(from, to) : network.Mend(from, to);
    };
    faults::Link link;
    if (bad) link.set_flap_ns(flap);
    if (kind == kFlapping) {
      network.SetLink(leader_, follower, link);
      network.SetLink(follower, leader_, link);
      return;
    }
    if (kind != kDumbFollowers) cut(leader_, follower);
    if (kind != kDeafFollowers) cut(follower, leader_);
  }

 private:
  RaftRoom& room_;
  NodeId leader_;
};

void PlayKeepsQuorum(Stage& stage) {
  RaftRoom room(stage, {.nodes = 5, .snapshot_every = kHardlyASnapshot, .features = kBothOn});
  LastSent last(room.world());
  room.world().Watch(last);
  const NodeId leader = room.AwaitLeader();
  room.PutAtLeader("begin");
  room.world().RunFor(kSecond);
  const Term term = room.ledger().latest_term();
  BadLinks links(room, leader);
  for (const auto kind :
       {BadLinks::kCut, BadLinks::kDeafFollowers, BadLinks::kDumbFollowers, BadLinks::kFlapping}) {
    const auto first = static_cast<NodeId>(stage.random().Between(1, 4));
    const sim::SimTime flap = stage.random().Between(5, 60) * kMillisecond;
    const NodeId two[] = {(leader - 1 + first) % 5 + 1, (leader - 1 + first % 4 + 1) % 5 + 1};
    for (const NodeId follower : two) links.Set(kind, follower, true, flap);
    stage.Step(fmt::format("Server {} leads; its links with servers {} and {} are {}.", leader,
                           two[0], two[1], BadLinks::Describe(kind)));
    for (int command = 0; command < 10; ++command) {
      room.PutAtLeader(fmt::format("{}.{}", BadLinks::Describe(kind), command));
      room.world().RunFor(200 * kMillisecond);
    }
    for (const NodeId follower : two) links.Set(kind, follower, false, flap);
    room.world().RunFor(500 * kMillisecond);
    const Term now = room.ledger().spoken_of();
    stage.Require(kKeepsQuorum, now == term && room.elected() == leader,
                  fmt::format("Server {} led term {} and two of four followers answered it all the "
                              "time; now somebody is in term {}, and server {} leads (0: nobody).",
                              leader, term, now, room.elected()));
  }
  if (last.asked) stage.Observe(kAskedInVain);
  room.HealAndDemandProgress();
}

RequestVoteResponse AskByTransfer(Microscope& lens, NodeId candidate, Term term,
                                  const Candidacy& candidacy) {
  RequestVoteRequest request;
  request.set_term(term);
  request.set_candidate_id(candidate);
  request.set_last_log_index(candidacy.last_index);
  request.set_last_log_term(candidacy.last_term);
  request.set_leadership_transfer(true);
  const auto response = lens.puppet(candidate).Ask(1, kRequestVote, request);
  return response.ok() ? *response : RequestVoteResponse();
}

void PlayFollowerDisregards(Stage& stage) {
  Microscope lens(stage, 3, kCheckQuorumOn);
  auto term = static_cast<Term>(stage.random().Between(20, 30));
  lens.Append(2, term, 0, 0, {term});
  for (int heartbeat = 0; heartbeat < 5; ++heartbeat) {
    lens.Append(2, term, 1, term);
    lens.world().RunFor(stage.random().Between(0, 60) * kMillisecond);
    const auto response = lens.AskForVote(3, term + 5, {9, term});
    stage.Require(kDisregards, !response.vote_granted() && response.term() == term,
                  fmt::format("Server 1 hears server 2, which leads term {}.", term));
  }
  stage.Observe(kDisregarded);
  lens.Append(2, term, 1, term);
  lens.world().Crash(1, stage.random().Below(2) == 0);
  lens.world().Boot(1);
  stage.Step("Server 1 dies and restarts at once.");
  lens.AskForVote(3, term + 5, {9, term});
  lens.Append(2, term, 1, term);
  const auto told = AskByTransfer(lens, 3, term + 1, {9, term});
  stage.Step("Server 3 says that its leader has told it to stand, and asks for a vote.");
  stage.Require(
      kVotesAfterwards, told.vote_granted() && told.term() == term + 1,
      fmt::format("Server 1 hears server 2, which leads term {}; server 3 stands in term "
                  "{} because its leader has told it to. It is answered {}, term {}.",
                  term, term + 1, told.vote_granted() ? "granted" : "refused", told.term()));
  term = lens.AwaitCandidacy(term + 1);
  const auto free = lens.AskForVote(3, term + 1, {9, term});
  stage.Require(kVotesAfterwards, free.vote_granted(), "Server 1 has heard nobody for long.");
}

void PlayLeaderDisregards(Stage& stage) {
  Microscope lens(stage, 3, kBothOn);
  lens.Support({2, 3});
  const Term term = lens.AwaitLead();
  lens.world().RunFor(300 * kMillisecond);
  for (int ask = 0; ask < 5; ++ask) {
    const auto vote = lens.AskForVote(3, term + 5, {9, term});
    const auto pre_vote = lens.AskForPreVote(3, term + 1, {9, term});
    stage.Require(kDisregards, !vote.vote_granted() && !pre_vote.granted() && vote.term() == term,
                  fmt::format("Server 1 leads term {}, and everyone answers it.", term));
    lens.world().RunFor(stage.random().Between(0, 60) * kMillisecond);
  }
  stage.Observe(kDisregarded);
}

void PlayProtectedLeader(Stage& stage) {
  stage.random().Below(2) == 0 ? PlayFollowerDisregards(stage) : PlayLeaderDisregards(stage);
}

}  // namespace

std::vector<Scenario> QuorumScenarios() {
  return {
      {.lab = "raft",
       .part = "3F",
       .name = "ProtectedLeader",
       .story =
           "Candidates that the test plays ask a server that hears a leader, or leads, for its "
           "vote. It does not even enter their term, unless the leader has told them to stand.",
       .points = 1,
       .must_observe = {kDisregarded},
       .play = PlayProtectedLeader},
      {.lab = "raft",
       .part = "3F",
       .name = "LosesQuorum",
       .story = "A leader is cut off from a majority, or hears no answers while all hear it. It "
                "must not lead for long, and the others must have a leader.",
       .points = 1,
       .must_observe = {kClientsTold, kDeafLeader},
       .play = PlayLosesQuorum},
      {.lab = "raft",
       .part = "3F",
       .name = "KeepsQuorum",
       .story =
           "The links between a leader and two of its four followers are cut, cut one way, the "
           "other way, and flapping. Two others answer all the time: the leader stays.",
       .points = 1,
       .must_observe = {kAskedInVain},
       .play = PlayKeepsQuorum},
  };
}

}  // namespace quorum::grader::raft
