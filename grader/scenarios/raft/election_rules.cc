#include <fmt/format.h>

#include <tuple>

#include "grader/scenarios/raft/rules.h"
#include "grader/scenarios/raft/statements.h"

namespace quorum::grader::raft {

TermNeverFalls::TermNeverFalls(sim::World& world, Ledger& ledger)
    : Rule(world, kTermNeverFalls, ledger) {}

void TermNeverFalls::DiskChanges(NodeId node, const DiskChange& change) {
  const Term before = ledger().server(node).term;
  if (!change.state || change.state->first >= before) return;
  Violated(fmt::format("Server {} was in term {}, and now its disk says {}.", node, before,
                       change.state->first),
           node);
}

TermIsDurable::TermIsDurable(sim::World& world, Ledger& ledger)
    : Rule(world, kTermIsDurable, ledger) {}

void TermIsDurable::Speaks(NodeId from, Term term) {
  const Term durable = ledger().server(from).term;
  if (term <= durable) return;
  Violated(fmt::format("Server {} says that it is in term {}, and its disk says {}.", from, term,
                       durable),
           from);
}

OneVoteATerm::OneVoteATerm(sim::World& world, Ledger& ledger)
    : Rule(world, kOneVoteATerm, ledger) {}

void OneVoteATerm::DiskChanges(NodeId node, const DiskChange& change) {
  const ServerRecord& before = ledger().server(node);
  if (!change.state || change.state->first != before.term || before.voted_for == 0) return;
  if (change.state->second == before.voted_for) return;
  Violated(fmt::format("Server {} had voted for server {} in term {}, and now its disk says: {}.",
                       node, before.voted_for, before.term,
                       change.state->second == 0 ? "for nobody"
                                                 : fmt::format("for {}", change.state->second)),
           node);
}

void OneVoteATerm::Stands(NodeId from, Term term, const Candidacy& candidacy) {
  Judge(from, from, term);
}
void OneVoteATerm::Grants(NodeId from, NodeId candidate, Term term) {
  Judge(from, candidate, term);
}

void OneVoteATerm::Judge(NodeId voter, NodeId candidate, Term term) {
  const auto [first, fresh] = said_.emplace(std::pair(voter, term), candidate);
  if (fresh || first->second == candidate) return;
  Violated(fmt::format("Server {} votes for server {} in term {}, in which it has voted for server "
                       "{} before.",
                       voter, candidate, term, first->second),
           voter);
}

VoteIsDurable::VoteIsDurable(sim::World& world, Ledger& ledger)
    : Rule(world, kVoteIsDurable, ledger) {}

void VoteIsDurable::Stands(NodeId from, Term term, const Candidacy& candidacy) {
  Judge(from, from, term);
}
void VoteIsDurable::Grants(NodeId from, NodeId candidate, Term term) {
  Judge(from, candidate, term);
}

void VoteIsDurable::Judge(NodeId voter, NodeId candidate, Term term) {
  if (ledger().votes(term, candidate).contains(voter)) return;
  const ServerRecord& record = ledger().server(voter);
  Violated(fmt::format("Server {} says that it votes for server {} in term {}; its disk knows of "
                       "term {}, and of a vote for {}.",
                       voter, candidate, term, record.term,
                       record.voted_for == 0 ? "nobody" : std::to_string(record.voted_for)),
           voter);
}

VotesForUpToDate::VotesForUpToDate(sim::World& world, Ledger& ledger)
    : Rule(world, kVotesForUpToDate, ledger) {}

void VotesForUpToDate::DiskChanges(NodeId node, const DiskChange& change) {
  const ServerRecord& own = ledger().server(node);
  // Where the same batch, or a crash, changes the log too, it is not known how it was at the vote.
  if (!change.state || !change.entries.empty()) return;
  const auto& [term, candidate] = *change.state;
  if (candidate == 0 || candidate == node) return;
  if (term == own.term && candidate == own.voted_for) return;
  const auto stands = ledger().candidacies().find({term, candidate});
  if (stands == ledger().candidacies().end()) return;
  const Candidacy& theirs = stands->second;
  if (std::tuple(theirs.last_term, theirs.last_index) >=
      std::tuple(own.last_term(), own.last_index())) {
    return;
  }
  Violated(fmt::format("In term {} server {} votes for server {}, whose log ends with index {} of "
                       "term {}; its own ends with index {} of term {}.",
                       term, node, candidate, theirs.last_index, theirs.last_term, own.last_index(),
                       own.last_term()),
           node);
}

CandidateTellsItsLog::CandidateTellsItsLog(sim::World& world, Ledger& ledger)
    : Rule(world, kCandidateTellsItsLog, ledger) {}

void CandidateTellsItsLog::Stands(NodeId from, Term term, const Candidacy& candidacy) {
  const ServerRecord& own = ledger().server(from);
  // The disk may be ahead of what leaves now: its own candidacy is over then.
  if (own.term != term || own.last_term() == term) return;
  if (candidacy.last_index == own.last_index() && candidacy.last_term == own.last_term()) return;
  Violated(fmt::format("Server {} stands for election in term {} with a log that ends with index "
                       "{} of term {}; on its disk the log ends with index {} of term {}.{}",
                       from, term, candidacy.last_index, candidacy.last_term, own.last_index(),
                       own.last_term(),
                       candidacy.last_index == 0 ? " Does it read it when it boots?" : ""),
           from);
}

LostDiskIsSilent::LostDiskIsSilent(sim::World& world, Ledger& ledger)
    : Rule(world, kLostDiskIsSilent, ledger) {}

void LostDiskIsSilent::Speaks(NodeId from, Term term) {
  if (!ledger().server(from).lost) return;
  Violated(fmt::format("Server {} lost its disk, and now it speaks in term {}.", from, term), from);
}

ElectedByMajority::ElectedByMajority(sim::World& world, Ledger& ledger)
    : Rule(world, kElectedByMajority, ledger) {}

void ElectedByMajority::Leads(NodeId from, Term term) {
  const std::set<NodeId>& votes = ledger().votes(term, from);
  const Membership& membership = ledger().MembershipOfCandidate(term, from);
  if (membership.IsQuorum(votes)) return;
  Violated(
      fmt::format("Server {} leads term {} with the votes of: {}. The voters that its log "
                  "names: {}.",
                  from, term, votes.empty() ? "nobody" : fmt::format("{}", fmt::join(votes, ", ")),
                  NameMembers(membership)),
      from);
}

ElectionSafety::ElectionSafety(sim::World& world, Ledger& ledger)
    : Rule(world, kElectionSafety, ledger) {}

void ElectionSafety::Leads(NodeId from, Term term) {
  const auto known = ledger().leaders().find(term);
  if (known == ledger().leaders().end() || known->second == from) return;
  Violated(fmt::format("Server {} leads term {}, which server {} has led before.", from, term,
                       known->second),
           from);
}

}  // namespace quorum::grader::raft
