#pragma once

#include <deque>
#include <unordered_map>

#include "grader/scenarios/raft/rule.h"
#include "grader/scenarios/raft/watch.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::raft {

/// What NodeConfig has switched on of part 3F, and how wrong clocks may be.
struct LeadershipOptions {
  bool pre_vote = false;
  bool check_quorum = false;
  bool lease_reads = false;
  std::uint32_t clock_rate_bound_ppm = 0;
  bool clocks_keep_bound = true;
};

/// Has the rules of this header watch the stage's world: those that these options bring about, and
/// those that hold always.
void WatchLeadershipRules(Stage& stage, Watch& watch, Ledger& ledger,
                          const LeadershipOptions& options);

/// The shortest time that the minimum election timeout takes on any clock within the bound.
sim::SimTime ShortestPromise(std::uint32_t clock_rate_bound_ppm);

/// Nobody is in a term in which nobody has stood.
class TermsBeginWithCandidates final : public Rule {
 public:
  TermsBeginWithCandidates(sim::World& world, Ledger& ledger);
  void Speaks(NodeId from, Term term) override;
};

/// With "pre-vote", whoever stands has asked before.
class AsksFirst final : public Rule {
 public:
  AsksFirst(sim::World& world, Ledger& ledger);
  void GrantsPreVote(NodeId from, NodeId candidate, Term next_term, std::uint64_t request) override;
  void TellsToStand(NodeId from, NodeId target, Term term) override;
  void Stands(NodeId from, Term term, const Candidacy& candidacy) override;

 private:
  std::map<std::pair<Term, NodeId>, std::set<NodeId>> willing_;  // to vote for it in that term
  std::set<std::pair<Term, NodeId>> told_;                       // to stand in that term
};

/// Whoever hears a leader elects nobody else.
class ProtectsLeader final : public Rule {
 public:
  ProtectsLeader(sim::World& world, Ledger& ledger, const Watch& watch,
                 const LeadershipOptions& options);
  void OnDeliver(const sim::Message& message, std::string_view path) override;
  void AnswersLeader(NodeId from, NodeId leader, Term term, std::uint64_t request) override;
  void GrantsPreVote(NodeId from, NodeId candidate, Term next_term, std::uint64_t request) override;
  void GrantsRequest(NodeId from, NodeId candidate, Term term, bool transfer,
                     std::uint64_t request) override;

 private:
  void Judge(NodeId voter, NodeId candidate, Term term, const char* what, std::uint64_t request);

  const Watch& watch_;
  const LeadershipOptions options_;
  const sim::SimTime promise_;
  std::unordered_map<std::uint64_t, sim::SimTime> delivered_;  // requests
  struct Heard {
    sim::SimTime at;
    NodeId leader;
  };
  std::map<NodeId, std::deque<Heard>> heard_;  // by follower, the latest ones
};

/// A read that is answered was confirmed by a quorum.
class ReadsAreConfirmed final : public Rule {
 public:
  ReadsAreConfirmed(sim::World& world, Ledger& ledger, const LeadershipOptions& options);
  void OnSend(const sim::Message& message, std::string_view path) override;
  void AnswersLeader(NodeId from, NodeId leader, Term term, std::uint64_t request) override;
  void OnDeliver(const sim::Message& message, std::string_view path) override;
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  /// Who has confirmed in time that `leader` leads a term, in the term in which most have.
  std::set<NodeId> Confirmed(NodeId leader, sim::SimTime since) const;

  const sim::SimTime lease_;                              // none: 0
  std::unordered_map<std::uint64_t, sim::SimTime> sent_;  // requests of leaders
  std::unordered_map<std::uint64_t, Term> accepted_;      // those that were answered as a leader's
  // By leader, term and follower: when the last message was sent whose answer has arrived.
  std::map<NodeId, std::map<Term, std::map<NodeId, sim::SimTime>>> confirmed_;
  std::unordered_map<std::uint64_t, sim::SimTime> asked_;  // operations
};

/// A leader reads only when something of its own term is committed.
class ReadsAfterOwnEntry final : public Rule {
 public:
  ReadsAfterOwnEntry(sim::World& world, Ledger& ledger);
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  std::unordered_map<std::uint64_t, Term> led_;  // by operation: the last term that its server led
};

/// Who is told to stand has what the leader has.
class TransfersToEquals final : public Rule {
 public:
  TransfersToEquals(sim::World& world, Ledger& ledger, const Watch& watch);
  void Appends(const AppendMessage& message) override;
  void TellsToStand(NodeId from, NodeId target, Term term) override;

 private:
  const Watch& watch_;
  std::map<std::pair<NodeId, Term>, std::pair<LogIndex, Term>> sent_;  // the last entry
};

}  // namespace quorum::grader::raft
