// The rules that take several servers to break. What a server has once held, voted or said stays in
// its value, so that whether something is committed follows from the values, whatever came first.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "common/log/register.h"
#include "grader/explore/raft/host.h"
#include "grader/explore/raft/rules.h"
#include "grader/explore/raft/server.h"
#include "grader/scenarios/raft/statements.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::explore::raft {
namespace {

using namespace quorum::raft;
using namespace quorum::grader::raft;
using grader::CommandValue;
using grader::kNoOp;
using grader::Show;

using End = std::pair<Term, LogIndex>;  // of a log: term and index of its last entry

/// A vote for somebody else, and how the voter's own log ended.
struct Vote {
  Term term;
  NodeId candidate;
  End own_end;
  friend auto operator<=>(const Vote&, const Vote&) = default;
};

/// An entry that a server gave up.
struct Loss {
  LogIndex index;
  LogEntry entry;
  Term in_term;  ///< the server's, by then
  friend auto operator<=>(const Loss&, const Loss&) = default;
};

struct Story {
  Server disk = {};
  std::map<Term, End> stood = {};                   ///< how its log ends, as it said itself
  std::map<Term, std::vector<LogEntry>> led = {};   ///< its log, when it was first heard to lead
  std::map<Term, std::vector<LogEntry>> held = {};  ///< its longest log that ended in that term
  std::set<Vote> votes = {};
  std::set<Loss> losses = {};
  LogIndex claimed = 0;  ///< the highest commit index that it has sent as a leader
  LogIndex applied = 0;  ///< in this boot
  std::set<std::tuple<LogIndex, LogIndex, std::string>> applications = {};  ///< after which, where
  std::set<std::pair<LogIndex, std::string>> told = {};  ///< its client: what is executed, where

  friend auto operator<=>(const Story&, const Story&) = default;
};

struct Committed {
  LogEntry entry;
  Term in_term;  ///< whose leader has committed it
};

class StoryOver final : public RulesOver<Story> {
 public:
  explicit StoryOver(std::size_t nodes) : quorum_(nodes / 2 + 1) {}

 private:
  using Stories = std::span<const Story* const>;

  void Note(const Sight& sight, Story& story) const override {
    if (sight.kind == Sight::Kind::kDurable) {
      DiskChanges(ChangeIn(sight), sight.node, story);
    } else if (sight.kind == Sight::Kind::kCrashed) {
      story.applied = 0;
    } else if (sight.kind == Sight::Kind::kSaid) {
      if (const auto said = ApplicationIn(sight.payload)) {
        story.applications.emplace(story.applied, said->index, CommandValue(said->command));
        story.applied = said->index;
      }
    } else if (sight.kind == Sight::Kind::kEnded) {
      ClientHears(sight, story);
    } else if (IsRequest(sight, kRequestVote.path)) {
      const auto request = Parse<RequestVoteRequest>(sight.payload);
      story.stood[request.term()] = {request.last_log_term(), request.last_log_index()};
    } else if (IsRequest(sight, kAppendEntries.path)) {
      const AppendMessage message = AppendIn(sight);
      story.led.try_emplace(message.term, story.disk.Entries());
      story.claimed = std::max(story.claimed, message.leader_commit);
    }
  }

  static void DiskChanges(const DiskChange& change, NodeId node, Story& story) {
    Server& disk = story.disk;
    const Term term = change.state ? change.state->first : disk.term;
    if (change.state && change.state->second != 0 && change.state->second != node) {
      story.votes.insert({term, change.state->second, {disk.last_term(), disk.last_index()}});
    }
    for (const auto& [index, entry] : change.entries) {
      const auto before = disk.log.find(index);
      if (before == disk.log.end() || (entry && Plain(*entry) == before->second)) continue;
      story.losses.insert({index, before->second, term});
    }
    disk.Apply(change);
    if (change.entries.empty() || disk.last_term() != disk.term) return;
    std::vector<LogEntry>& held = story.held[disk.term];
    if (disk.log.size() > held.size()) held = disk.Entries();
  }

  static void ClientHears(const Sight& sight, Story& story) {
    if (sight.path != log::kAppend.path || sight.code != absl::StatusCode::kOk) return;
    const auto answer = Parse<log::WriteResponse>(sight.payload);
    if (answer.outcome() != log::WriteResponse::EXECUTED) return;
    log::RegisterCommand command;
    command.set_append(Parse<log::AppendRequest>(sight.request).value());
    story.told.emplace(answer.index(), CommandValue(command.SerializeAsString()));
  }

  /// What a majority holds, up to an entry of the term in which each of it held that.
  std::vector<Committed> CommittedBy(Stories nodes) const {
    std::map<Term, std::vector<const std::vector<LogEntry>*>> held;
    for (const Story* node : nodes) {
      for (const auto& [term, log] : node->held) held[term].push_back(&log);
    }
    std::vector<Committed> committed;
    for (auto& [term, logs] : held) {
      if (logs.size() < quorum_) continue;
      std::sort(logs.begin(), logs.end(), [](auto* a, auto* b) { return a->size() > b->size(); });
      const std::vector<LogEntry>& least = *logs[quorum_ - 1];
      for (std::size_t at = committed.size(); at < least.size(); ++at) {
        committed.push_back({least[at], term});
      }
    }
    return committed;
  }

  std::optional<Finding> Find(Stories nodes) const override {
    if (auto found = FindInElections(nodes)) return found;
    if (auto found = FindInLogs(nodes)) return found;
    const std::vector<Committed> committed = CommittedBy(nodes);
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      if (auto found = FindInCommits(node + 1, *nodes[node], committed)) return found;
      if (auto found = FindInApplications(node + 1, *nodes[node], committed)) return found;
    }
    return std::nullopt;
  }

  std::optional<Finding> FindInElections(Stories nodes) const {
    std::map<Term, std::size_t> leaders;
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      for (const auto& [term, log] : nodes[node]->led) {
        const auto id = static_cast<NodeId>(node + 1);
        const auto votes = std::count_if(nodes.begin(), nodes.end(), [&](const Story* voter) {
          return voter->disk.votes.contains({term, id});
        });
        if (static_cast<std::size_t>(votes) < quorum_) {
          return Finding{kElectedByMajority,
                         fmt::format("Server {} leads term {} with the votes of {} of the {} "
                                     "servers that it takes.",
                                     id, term, votes, quorum_)};
        }
        const auto [other, fresh] = leaders.emplace(term, node);
        if (fresh) continue;
        return Finding{kElectionSafety, fmt::format("Servers {} and {} both lead term {}.",
                                                    other->second + 1, id, term)};
      }
    }
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      for (const Vote& vote : nodes[node]->votes) {
        if (vote.candidate > nodes.size()) continue;
        const auto& stood = nodes[vote.candidate - 1]->stood;
        const auto theirs = stood.find(vote.term);
        if (theirs == stood.end() || theirs->second >= vote.own_end) continue;
        return Finding{kVotesForUpToDate,
                       fmt::format("In term {} server {} votes for server {}, whose log ends with "
                                   "index {} of term {}; its own ends with index {} of term {}.",
                                   vote.term, node + 1, vote.candidate, theirs->second.second,
                                   theirs->second.first, vote.own_end.second, vote.own_end.first)};
      }
    }
    return std::nullopt;
  }

  static std::optional<Finding> FindInLogs(Stories nodes) {
    for (std::size_t one = 0; one < nodes.size(); ++one) {
      for (std::size_t other = one + 1; other < nodes.size(); ++other) {
        const auto& log = nodes[one]->disk.log;
        const auto& theirs = nodes[other]->disk.log;
        bool differ = false;  // somewhere before
        for (auto a = log.begin(), b = theirs.begin(); a != log.end() && b != theirs.end();
             ++a, ++b) {
          const bool same = a->second == b->second;
          if ((same && differ) || (!same && a->second.term == b->second.term)) {
            return Finding{kLogMatching,
                           fmt::format("At index {} the logs of servers {} and {} both have an "
                                       "entry of term {}, and up to there they differ.",
                                       a->first, one + 1, other + 1, a->second.term)};
          }
          differ = differ || !same;
        }
      }
    }
    return std::nullopt;
  }

  static std::optional<Finding> FindInCommits(std::size_t id, const Story& node,
                                              const std::vector<Committed>& committed) {
    if (node.claimed > committed.size()) {
      return Finding{kCommitIsBacked,
                     fmt::format("Server {}, as a leader, says that the log is committed up to "
                                 "index {}; it is up to index {}.",
                                 id, node.claimed, committed.size())};
    }
    for (const auto& [term, log] : node.led) {
      for (std::size_t at = 0; at < committed.size(); ++at) {
        if (committed[at].in_term >= term) continue;
        if (at < log.size() && log[at] == committed[at].entry) continue;
        return Finding{
            kLeaderCompleteness,
            fmt::format("Server {} leads term {}, and its log lacks {} at index {}, "
                        "which was committed in term {}.",
                        id, term, Show(committed[at].entry.value), at + 1, committed[at].in_term)};
      }
    }
    for (const Loss& loss : node.losses) {
      if (loss.index > committed.size()) continue;
      const Committed& there = committed[loss.index - 1];
      if (there.entry != loss.entry || loss.in_term < there.in_term) continue;
      return Finding{
          kCommittedStays,
          fmt::format("Server {}, in term {}, overwrites or deletes {} at index {}, "
                      "which was committed in term {}.",
                      id, loss.in_term, Show(loss.entry.value), loss.index, there.in_term)};
    }
    return std::nullopt;
  }

  static std::optional<Finding> FindInApplications(std::size_t id, const Story& node,
                                                   const std::vector<Committed>& committed) {
    const auto is = [&](LogIndex index, const std::string& value) {
      return index > 0 && index <= committed.size() && committed[index - 1].entry.value == value;
    };
    for (const auto& [after, index, value] : node.applications) {
      bool in_order = after < index && is(index, value);
      for (LogIndex between = after + 1; between < index; ++between) {
        in_order = in_order && is(between, kNoOp);
      }
      if (in_order) continue;
      return Finding{kAppliedInOrder,
                     fmt::format("Server {} applies {} at index {}, after index {}; that is not "
                                 "what is committed.",
                                 id, Show(value), index, after)};
    }
    for (const auto& [index, value] : node.told) {
      if (is(index, value)) continue;
      return Finding{kAnswerIsOwn,
                     fmt::format("Server {} says that {} was executed at index {}; that is not "
                                 "what is committed there.",
                                 id, Show(value), index)};
    }
    return std::nullopt;
  }

  std::size_t quorum_;
};

}  // namespace

std::shared_ptr<Rule> StoryRules(std::size_t nodes) { return std::make_shared<StoryOver>(nodes); }

}  // namespace quorum::explore::raft
