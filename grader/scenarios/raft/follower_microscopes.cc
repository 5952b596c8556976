// A follower under the microscope: "AppendEntries RPC" of figure 2, part 3B.

#include <fmt/format.h>

#include "grader/scenarios/raft/microscope.h"

namespace quorum::grader::raft {
namespace {

using namespace quorum::raft;

constexpr Statement kConflictHint = {
    "raft.conflict-hint",
    "A follower that refuses entries says how far to go back: the term of the conflicting entry "
    "and "
    "the first index that it has of it, or the index behind the end of its log.",
    "Raft, end of section 5.3; raft.proto, AppendEntriesResponse; handout 3B, step 5"};
constexpr Statement kAccepts = {
    "raft.accepts-what-fits",
    "A follower answers success to the leader of its term if its log has the entry before the new "
    "ones.",
    "Raft, figure 2, AppendEntries RPC (steps 2 to 4); handout 3B, step 3"};
constexpr Statement kReplaces = {
    "raft.replaces-conflicts",
    "A follower deletes an entry that conflicts with a new one, and "
    "all that follow it, and nothing "
    "else; then it appends what it does not have.",
    "Raft, figure 2, AppendEntries RPC (steps 3 and 4); handout 3B, step 3"};
constexpr Statement kAppliesCommitted = {
    "raft.follower-commits",
    "A follower applies what its leader has committed, as far as its log is known to be the "
    "leader's.",
    "Raft, figure 2, AppendEntries RPC (step 5), Rules for Servers (all servers); handout 3B, step "
    "7"};

constexpr char kRefusedHere[] = "server 1 refused entries that did not fit";
constexpr char kReplacedHere[] = "server 1 replaced entries";
constexpr char kAppliedHere[] = "server 1 applied what its leader had committed";

/// Terms of the entries that the disk of server 1 has.
std::vector<Term> TermsOf(Microscope& lens) {
  std::vector<Term> terms;
  for (const auto& [index, entry] : lens.room().ledger().server(1).log) terms.push_back(entry.term);
  return terms;
}

void RequireLog(Stage& stage, Microscope& lens, const std::vector<Term>& expected) {
  stage.Require(kReplaces, TermsOf(lens) == expected,
                fmt::format("The disk of server 1 has entries of terms {}; those of terms {} are "
                            "right.",
                            fmt::join(TermsOf(lens), ", "), fmt::join(expected, ", ")));
}

void PlayConsistencyCheck(Stage& stage) {
  Microscope lens(stage, 5);
  const std::vector<Term> own = {1, 1, 2, 2, 2};
  stage.Require(kAccepts, lens.Append(2, 2, 0, 0, own).success(), "Its log is empty.");
  Term term = 5;
  for (int ask = 0; ask < 5; ++ask, ++term) {
    const auto prev = static_cast<LogIndex>(stage.random().Between(1, 8));
    const bool missing = prev > own.size();
    const std::vector<Term> entries(stage.random().Below(3), term);
    const auto response = lens.Append(3, term, prev, term - 1, entries);
    if (response.success()) continue;  // a rule has seen that
    stage.Observe(kRefusedHere);
    const Term of = missing ? 0 : own[prev - 1];
    const LogIndex first = missing ? own.size() + 1 : of == 1 ? 1 : 3;
    stage.Require(
        kConflictHint, response.conflict_term() == of && response.conflict_index() == first,
        fmt::format("The log of server 1 has entries of terms {}. It refuses entries behind "
                    "index {} of term {} and says: conflict term {}, conflict index {}; "
                    "right are {} and {}.",
                    fmt::join(own, ", "), prev, term - 1, response.conflict_term(),
                    response.conflict_index(), of, first));
  }
  RequireLog(stage, lens, own);
  stage.Require(kAccepts, lens.Append(3, term, 5, 2).success(),
                "Its log has an entry of term 2 at index 5.");
}

/// What came first comes again, when there is more by now.
void PlayOldAppendEntries(Stage& stage) {
  Microscope lens(stage);
  const std::vector<Term> all(static_cast<std::size_t>(stage.random().Between(4, 8)), 3);
  lens.Append(2, 3, 0, 0, all);
  stage.Require(kAccepts, lens.Append(2, 3, all.size(), 3, {}, all.size()).success(),
                "It has all entries.");
  const auto few = static_cast<std::size_t>(stage.random().Between(0, 3));
  lens.Append(2, 3, 1, 3, std::vector<Term>(few, 3));
  stage.Observe(kAppliedHere);
  RequireLog(stage, lens, all);
  stage.Require(kAccepts, lens.Append(2, 3, all.size(), 3).success(), "It has all entries.");
}

void PlayConflictingEntries(Stage& stage) {
  Microscope lens(stage, 5);
  lens.Append(2, 3, 0, 0, {1, 1, 2, 3, 3, 3});
  lens.Append(3, 5, 2, 1, {2, 4});
  RequireLog(stage, lens, {1, 1, 2, 4});
  stage.Observe(kReplacedHere);
  const auto more = static_cast<std::size_t>(stage.random().Between(1, 4));
  lens.Append(3, 5, 1, 1, {1, 2, 4});
  lens.Append(3, 5, 4, 4, std::vector<Term>(more, 5));
  std::vector<Term> expected = {1, 1, 2, 4};
  expected.insert(expected.end(), more, 5);
  RequireLog(stage, lens, expected);
}

/// The commit index of a heartbeat covers more than is known to agree.
void PlayHeartbeatCommit(Stage& stage) {
  Microscope lens(stage, 5);
  lens.Append(2, 3, 0, 0, {1, 1, 3, 3});
  // Server 3 leads term 4, in which other entries are at indices 3 and 4.
  for (LogIndex index = 1; index <= 4; ++index) {
    const Term term = index <= 2 ? 1 : 4;
    lens.room().ledger().Assume({term, CommandValue(Microscope::Command(index, term))});
  }
  stage.Require(kAccepts, lens.Append(3, 4, 2, 1, {}, 4).success(),
                "Its log has an entry of term 1 at index 2.");
  lens.world().RunFor(100 * kMillisecond);
  const auto applied = lens.room().tap().applied(1);
  stage.Require(kAppliesCommitted, applied == 2,
                fmt::format("The leader has committed everything up to index 4, and a heartbeat "
                            "has shown that the logs agree up to index 2. Server 1 has applied {}.",
                            applied == 0 ? "nothing" : fmt::format("up to index {}", applied)));
  stage.Observe(kAppliedHere);
  lens.Append(3, 4, 2, 1, {4, 4}, 4);
  lens.world().RunFor(100 * kMillisecond);
  // An old heartbeat of the same term.
  lens.Append(3, 4, 2, 1, {}, 1);
  stage.Require(
      kAppliesCommitted, lens.room().tap().applied(1) == 4,
      fmt::format("The leader has committed everything up to index 4, and server 1 has it; "
                  "it has applied everything up to index {}.",
                  lens.room().tap().applied(1)));
  lens.Vote({2, 4});
  lens.AwaitLead();
  lens.world().RunFor(100 * kMillisecond);
}

}  // namespace

std::vector<Scenario> FollowerMicroscopes() {
  return {
      {.lab = "raft",
       .part = "3B",
       .name = "ConsistencyCheck",
       .story = "Leaders send entries, and heartbeats, behind entries that the follower does not "
                "have. It refuses, and says how far to go back.",
       .points = 1,
       .must_observe = {kRefusedHere},
       .play = PlayConsistencyCheck},
      {.lab = "raft",
       .part = "3B",
       .name = "OldAppendEntries",
       .story = "A leader's message with a few entries comes late, when the follower has more of "
                "them, all committed. They stay.",
       .points = 1,
       .must_observe = {kAppliedHere},
       .play = PlayOldAppendEntries},
      {.lab = "raft",
       .part = "3B",
       .name = "ConflictingEntries",
       .story = "A later leader sends other entries than the follower has; what follows a conflict "
                "is deleted, what agrees stays.",
       .points = 1,
       .must_observe = {kReplacedHere},
       .play = PlayConflictingEntries},
      {.lab = "raft",
       .part = "3B",
       .name = "HeartbeatCommit",
       .story =
           "A heartbeat says that more is committed than the follower is known to have. What is "
           "at those indices of its log is something else.",
       .points = 1,
       .must_observe = {kAppliedHere},
       .play = PlayHeartbeatCommit},
  };
}

}  // namespace quorum::grader::raft
