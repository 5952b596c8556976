// A leader under the microscope: "Rules for Servers: Leaders" of figure 2, part 3B.

#include <fmt/format.h>

#include "grader/scenarios/raft/microscope.h"
#include "grader/scenarios/raft/played_log.h"
#include "grader/scenarios/raft/statements.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kRepairs = {
    "raft.repairs-logs",
    "A leader goes back until it finds where a follower's log agrees with its own, and overwrites "
    "what is behind.",
    "Raft, section 5.3 and figure 7; handout 3B, step 5"};
constexpr Statement kOneEntry = {
    "raft.one-entry",
    "With the feature \"one-entry\" a leader sends at most one entry in an AppendEntries.",
    "raft.proto; handout 3B, step 2"};
constexpr Statement kCommits = {"raft.leader-commits",
                                "A leader commits an entry of its own term, and by that all before "
                                "it, once a majority holds it.",
                                "Raft, sections 5.3 and 5.4.2; handout 3B, step 6"};

constexpr char kRepaired[] = "all logs of figure 7 became the leader's";
constexpr char kOldOnMajority[] = "a majority held an entry of an earlier term";
constexpr char kPartlyAnswered[] = "a follower answered to a part of what the leader had";
constexpr char kLedAgain[] = "server 1 led again when answers of its first leadership came";

/// Plays the follower `node` with this log; it answers what `answers` says.
void Play(Microscope& lens, NodeId node, PlayedLog& log,
          std::function<bool(const AppendEntriesRequest&)> answers) {
  lens.puppet(node).Always<AppendEntriesRequest, AppendEntriesResponse>(
      kAppendEntries,
      [&log, answers = std::move(answers)](
          const AppendEntriesRequest& request) -> std::optional<AppendEntriesResponse> {
        if (!answers(request)) return std::nullopt;
        return log.Append(request);
      });
}

void PlayFigure7(Stage& stage) {
  Microscope lens(stage, 7);
  const std::vector<Term> own = {1, 1, 1, 4, 4, 5, 5, 6, 6, 6};
  const std::vector<Term> theirs[] = {{1, 1, 1, 4, 4, 5, 5, 6, 6},
                                      {1, 1, 1, 4},
                                      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6},
                                      {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},
                                      {1, 1, 1, 4, 4, 4, 4},
                                      {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3}};
  std::vector<PlayedLog> logs;
  for (const std::vector<Term>& terms : theirs) logs.emplace_back(terms);
  lens.Append(2, 6, 0, 0, own);
  lens.AskForVote(5, 7, {12, 7});
  stage.Step("Servers 2 to 7 have the logs (a) to (f) of figure 7.");
  for (NodeId node = 2; node <= 7; ++node) {
    Play(lens, node, logs[node - 2], [](const AppendEntriesRequest&) { return true; });
  }
  lens.Vote({2, 3, 6, 7});
  const Term term = lens.AwaitLead();
  const auto repaired = [&] {
    return std::all_of(logs.begin(), logs.end(), [&](const PlayedLog& log) {
      return log.terms().size() > own.size() && log.terms().back() == term &&
             std::equal(own.begin(), own.end(), log.terms().begin());
    });
  };
  const bool done = lens.world().RunUntil(repaired, kPatience);
  std::string state;
  int refusals = 0;
  std::string conflicts;
  for (std::size_t log = 0; log < logs.size(); ++log) {
    state +=
        fmt::format(" ({}) {};", static_cast<char>('a' + log), fmt::join(logs[log].terms(), " "));
    if (logs[log].refusals() <= refusals) continue;
    refusals = logs[log].refusals();
    conflicts = fmt::format(
        "Server {} has the log ({}) of figure 7, with entries of terms {} at first. Server 1 has "
        "sent "
        "it {} messages that conflict, until it found where their logs part.",
        log + 2, static_cast<char>('a' + log), fmt::join(theirs[log], " "), refusals);
  }
  stage.Require(kRepairs, done,
                fmt::format("Server 1 leads term {} with a log of terms {}. After 20 simulated "
                            "seconds the others have:{}",
                            term, fmt::join(own, " "), state));
  stage.Observe(kRepaired);
  stage.Require(kFastBackUp, refusals <= 8, conflicts);
}

/// Watches that the schedule can be brought about.
class OneEntry final : public Invariant {
 public:
  explicit OneEntry(sim::World& world) : Invariant(world, kOneEntry) {}
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (path != kAppendEntries.path || message.is_response || message.from != 1) return;
    AppendEntriesRequest request;
    request.ParseFromString(message.payload);
    if (request.entries_size() <= 1) return;
    Violated(fmt::format("Server 1 sends {} entries in one message.", request.entries_size()), 1);
  }
};

void PlayFigure8(Stage& stage) {
  Microscope lens(stage, 5, {"one-entry"});
  stage.Watch<OneEntry>();
  lens.Append(5, 2, 0, 0, {2});
  stage.Step("Server 1 holds an entry of term 2, of whose leader nobody else has heard.");
  PlayedLog logs[] = {PlayedLog({}), PlayedLog({})};
  bool silent = true;
  for (const NodeId node : {2, 3}) {
    Play(lens, node, logs[node - 2],
         [&silent, &log = logs[node - 2]](const AppendEntriesRequest& request) {
           const bool old = request.entries().empty() || request.entries(0).term() == 2;
           const bool refuses = request.prev_log_index() > log.terms().size();
           return old || refuses || !silent;
         });
  }
  lens.Vote({2, 3});
  const Term term = lens.AwaitLead();
  stage.Step(
      fmt::format("Servers 2 and 3 take the entry of term 2, and do not answer when they are "
                  "sent one of term {}.",
                  term));
  const auto on_majority = [&] { return !logs[0].terms().empty() && !logs[1].terms().empty(); };
  if (lens.world().RunUntil(on_majority, 5 * kSecond)) stage.Observe(kOldOnMajority);
  lens.world().RunFor(300 * kMillisecond);
  silent = false;
  const bool committed =
      lens.world().RunUntil([&] { return lens.room().tap().applied(1) >= 1; }, kPatience);
  stage.Require(kCommits, committed,
                "Servers 2 and 3 answer everything again; 20 simulated seconds later server 1 has "
                "applied nothing.");
}

/// The answer is to the first message, and the log is longer by then.
void PlayPartlyAnswered(Stage& stage) {
  Microscope lens(stage);
  lens.Vote({2});
  lens.AwaitLead();
  auto first = lens.puppet(2).Await(kAppendEntries, [](const AppendEntriesRequest& request) {
    return request.entries_size() > 0;
  });
  if (!first) return;
  const auto ignore = [](const absl::StatusOr<log::WriteResponse>&) {};
  for (int command = 0; command < 3; ++command) {
    lens.room().Append(1, fmt::format("{} ", command), ignore);
  }
  lens.world().RunFor(10 * kMillisecond);
  AppendEntriesResponse response;
  response.set_term(first->request.term());
  response.set_success(true);
  first->responder.Reply(response);
  stage.Observe(kPartlyAnswered);
  stage.Step("Server 1 appends three more commands; then server 2 answers its first message.");
  lens.world().RunFor(300 * kMillisecond);
}

/// Answers of a leadership that is over reach the same server in its next one.
void PlayEarlierLeadership(Stage& stage) {
  Microscope lens(stage, 5);
  lens.Vote({2, 3});
  const Term first = lens.AwaitLead();
  const auto ignore = [](const absl::StatusOr<log::WriteResponse>&) {};
  for (int command = 0; command < 5; ++command) {
    lens.room().Append(1, fmt::format("{} ", command), ignore);
  }
  std::vector<Heard<AppendEntriesRequest, AppendEntriesResponse>> held;
  const sim::SimTime until = lens.world().now() + 10 * kMillisecond;
  while (lens.world().now() < until) {
    for (const NodeId puppet : {2, 3}) {
      auto heard = lens.puppet(puppet).Await(
          kAppendEntries, [](const AppendEntriesRequest&) { return true; }, kMillisecond);
      if (heard) held.push_back(*std::move(heard));
    }
  }
  lens.Append(4, first + 1, 0, 0, {first + 1});
  stage.Step("Server 1 appends five commands, is deposed, and its entries are replaced by one.");
  lens.AwaitLead(first + 1);
  stage.Observe(kLedAgain);
  for (auto& asked : held) {
    AppendEntriesResponse response;
    response.set_term(first);
    response.set_success(true);
    asked.responder.Reply(response);
  }
  stage.Step(fmt::format("Servers 2 and 3 answer what it has sent in term {}.", first));
  lens.world().RunFor(200 * kMillisecond);
}

}  // namespace

std::vector<Scenario> LeaderMicroscopes() {
  return {
      {.lab = "raft",
       .part = "3B",
       .name = "Figure7",
       .story = "A new leader finds the logs of figure 7 of the paper, which lack entries, have "
                "others, or both, and makes them its own.",
       .points = 1,
       .must_observe = {kRepaired},
       .play = PlayFigure7},
      {.lab = "raft",
       .part = "3B",
       .name = "Figure8",
       .story = "A leader brings an entry of an earlier term to a majority, and none of its own. "
                "That entry may still be overwritten (figure 8 of the paper): it is not committed.",
       .points = 1,
       .must_observe = {kOldOnMajority},
       .play = PlayFigure8},
      {.lab = "raft",
       .part = "3B",
       .name = "PartlyAnswered",
       .story = "A follower answers a message of a leader that has more entries by then.",
       .points = 1,
       .must_observe = {kPartlyAnswered},
       .play = PlayPartlyAnswered},
      {.lab = "raft",
       .part = "3B",
       .name = "EarlierLeadership",
       .story =
           "A leader is deposed, its entries are replaced, and it is elected again. Then it is "
           "answered what it sent in its first leadership.",
       .points = 1,
       .must_observe = {kLedAgain},
       .play = PlayEarlierLeadership},
  };
}

}  // namespace quorum::grader::raft
