// The rules that one server can break by itself.
#include <fmt/format.h>

#include "grader/explore/raft/rules.h"
#include "grader/explore/raft/server.h"
#include "grader/scenarios/raft/statements.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::explore::raft {
namespace {

using namespace quorum::raft;
using namespace quorum::grader::raft;
using grader::Statement;

/// A server, what others know of it, and the first thing that it should not have done.
struct Conduct {
  Server disk = {};
  std::map<Term, NodeId> voted = {};  ///< whom it has voted for, as it says itself
  std::set<Term> leads = {};
  std::map<LogIndex, LogEntry> ahead = {};  ///< what it has sent as a leader before it was on disk
  LogIndex commit = 0;      ///< what it has said of its commit index since it booted
  std::string broken = {};  ///< the statement's name; empty: none
  std::string fault = {};

  friend auto operator<=>(const Conduct&, const Conduct&) = default;
};

constexpr const Statement* kAll[] = {&kTermNeverFalls,  &kTermIsDurable,        &kOneVoteATerm,
                                     &kVoteIsDurable,   &kCandidateTellsItsLog, &kLeaderAppendOnly,
                                     &kLogMatching,     &kSuccessIsDurable,     &kSendsItsLog,
                                     &kCommitNeverFalls};

class Judgement {
 public:
  explicit Judgement(Conduct& conduct) : conduct_(conduct) {}

  void Demand(const Statement& statement, bool holds, auto text) {
    if (holds || !conduct_.broken.empty()) return;
    conduct_.broken = statement.name;
    conduct_.fault = text();
  }

  void Speaks(NodeId node, Term term) {
    Demand(kTermIsDurable, term <= conduct_.disk.term, [&] {
      return fmt::format("Server {} says that it is in term {}, and its disk says {}.", node, term,
                         conduct_.disk.term);
    });
  }

  void Votes(NodeId node, NodeId candidate, Term term) {
    Demand(kVoteIsDurable, conduct_.disk.votes.contains({term, candidate}), [&] {
      return fmt::format(
          "Server {} says that it votes for server {} in term {}; its disk knows of "
          "no such vote.",
          node, candidate, term);
    });
    const NodeId first = conduct_.voted.emplace(term, candidate).first->second;
    Demand(kOneVoteATerm, first == candidate, [&] {
      return fmt::format(
          "Server {} votes for server {} in term {}, in which it has voted for "
          "server {} before.",
          node, candidate, term, first);
    });
  }

  void Stands(NodeId node, const RequestVoteRequest& request) {
    Speaks(node, request.term());
    Votes(node, node, request.term());
    const Server& disk = conduct_.disk;
    const bool over = disk.term != request.term() || disk.last_term() == request.term();
    const bool same = request.last_log_index() == disk.last_index() &&
                      request.last_log_term() == disk.last_term();
    Demand(kCandidateTellsItsLog, over || same, [&] {
      return fmt::format(
          "Server {} stands in term {} with a log that ends with index {} of term "
          "{}; on its disk it ends with index {} of term {}.",
          node, request.term(), request.last_log_index(), request.last_log_term(),
          disk.last_index(), disk.last_term());
    });
  }

  void Appends(const AppendMessage& message) {
    Speaks(message.from, message.term);
    conduct_.leads.insert(message.term);
    const Server& disk = conduct_.disk;
    bool own = disk.TermAt(message.prev_index).value_or(message.term) == message.prev_term;
    LogIndex expected = message.prev_index;
    for (const auto& [index, entry] : message.entries) {
      own = own && index == ++expected && IsOwn(message.term, index, Plain(entry));
    }
    Demand(kSendsItsLog, own || disk.term != message.term, [&] {
      return fmt::format(
          "Server {} sends server {} {} entries behind index {} of term {}; that is "
          "not what its own log has on disk, nor what it has sent before.",
          message.from, message.to, message.entries.size(), message.prev_index, message.prev_term);
    });
    Demand(kCommitNeverFalls, message.leader_commit >= conduct_.commit, [&] {
      return fmt::format("Server {} says that its commit index is {}; it was {} before.",
                         message.from, message.leader_commit, conduct_.commit);
    });
    conduct_.commit = message.leader_commit;
  }

  /// A leader's disk may have later what it sends: then it is of the leader's own term.
  bool IsOwn(Term term, LogIndex index, const LogEntry& entry) {
    const auto found = conduct_.disk.log.find(index);
    if (found != conduct_.disk.log.end()) return found->second == entry;
    if (conduct_.disk.term != term) return true;  // its disk is ahead of what leaves now
    return entry.term == term && conduct_.ahead.emplace(index, entry).first->second == entry;
  }

  void SaysAppended(NodeId node, const AppendMessage& request) {
    const Server& disk = conduct_.disk;
    bool all = disk.TermAt(request.prev_index) == request.prev_term;
    for (const auto& [index, entry] : request.entries) {
      all = all && disk.TermAt(index) == entry.term;
    }
    Demand(kSuccessIsDurable, all || disk.term != request.term, [&] {
      return fmt::format(
          "Server {} answers server {} that its log holds the entries up to index "
          "{}; its disk does not.",
          node, request.from, request.last_index());
    });
  }

  void DiskChanges(NodeId node, const DiskChange& change) {
    Server& disk = conduct_.disk;
    if (change.state) {
      const auto [term, voted_for] = *change.state;
      Demand(kTermNeverFalls, term >= disk.term, [&] {
        return fmt::format("Server {} was in term {}, and now its disk says {}.", node, disk.term,
                           term);
      });
      const bool other = term == disk.term && disk.voted_for != 0 && voted_for != disk.voted_for;
      Demand(kOneVoteATerm, !other, [&] {
        return fmt::format(
            "Server {} had voted for server {} in term {}, and now its disk has "
            "another vote, or none.",
            node, disk.voted_for, term);
      });
    }
    if (change.state && change.state->first != disk.term) conduct_.ahead.clear();
    for (const auto& [index, entry] : change.entries) {
      const auto sent = conduct_.ahead.extract(index);
      Demand(kSendsItsLog, !sent || !entry || Plain(*entry) == sent.mapped(), [&] {
        return fmt::format("Server {} has sent another entry for index {} than it writes.", node,
                           index);
      });
    }
    const bool leads =
        conduct_.leads.contains(disk.term) && (!change.state || change.state->first == disk.term);
    for (const auto& [index, entry] : change.entries) {
      const auto before = disk.log.find(index);
      const bool changes = before != disk.log.end() && (!entry || Plain(*entry) != before->second);
      Demand(kLeaderAppendOnly, !leads || !changes, [&] {
        return fmt::format("Server {}, which leads term {}, changes index {} of its log.", node,
                           disk.term, index);
      });
    }
    disk.Apply(change);
    Demand(kLogMatching, disk.last_index() == disk.log.size(), [&] {
      return fmt::format("The log of server {} has {} entries up to index {}.", node,
                         disk.log.size(), disk.last_index());
    });
  }

 private:
  Conduct& conduct_;
};

class ConductOver final : public RulesOver<Conduct> {
 private:
  void Note(const Sight& sight, Conduct& conduct) const override {
    if (!conduct.broken.empty()) return;
    Judgement judgement(conduct);
    if (sight.kind == Sight::Kind::kDurable) {
      judgement.DiskChanges(sight.node, ChangeIn(sight));
    } else if (sight.kind == Sight::Kind::kCrashed) {
      conduct.commit = 0;
      conduct.ahead.clear();
    } else if (IsRequest(sight, kRequestVote.path)) {
      judgement.Stands(sight.node, Parse<RequestVoteRequest>(sight.payload));
    } else if (IsRequest(sight, kAppendEntries.path)) {
      judgement.Appends(AppendIn(sight));
    } else if (IsResponse(sight, kRequestVote.path)) {
      const auto response = Parse<RequestVoteResponse>(sight.payload);
      judgement.Speaks(sight.node, response.term());
      if (!response.vote_granted()) return;
      judgement.Votes(sight.node, sight.to, Parse<RequestVoteRequest>(sight.request).term());
    } else if (IsResponse(sight, kAppendEntries.path)) {
      const auto response = Parse<AppendEntriesResponse>(sight.payload);
      judgement.Speaks(sight.node, response.term());
      if (response.success()) judgement.SaysAppended(sight.node, AppendIn(sight));
    }
  }

  std::optional<Finding> Find(std::span<const Conduct* const> nodes) const override {
    for (const Conduct* node : nodes) {
      for (const Statement* statement : kAll) {
        if (node->broken == statement->name) return Finding{*statement, node->fault};
      }
    }
    return std::nullopt;
  }
};

}  // namespace

std::shared_ptr<Rule> ConductRules() { return std::make_shared<ConductOver>(); }

std::vector<std::shared_ptr<Rule>> RaftRules(std::size_t nodes) {
  return {ConductRules(), StoryRules(nodes)};
}

}  // namespace quorum::explore::raft
