#include "grader/scenarios/raft/raft_room.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "grader/scenarios/raft/leadership_rules.h"
#include "grader/scenarios/raft/statements.h"
#include "grader/scenarios/raft/witness.h"

namespace quorum::grader::raft {
namespace {

constexpr LogStatements kStatements = {
    .applied_in_order = kAppliedInOrder,
    .same_state = {"raft.same-state",
                   "Servers that have applied the same entries are in the same state.",
                   "Schneider, Implementing fault-tolerant services, 1990; Raft, section 2; "
                   "handout 3B, step 7, and 3D, step 4"},
    .answer_is_own = kAnswerIsOwn,
    .progress = {"raft.progress",
                 "Once the faults have stopped, somebody leads, clients are answered, and every "
                 "server catches up.",
                 "Raft, sections 5.2 and 5.3; handout 3B, steps 2 to 5"},
    .linearizable = {"raft.linearizable",
                     "To its clients the replicated register looks like a single one that does one "
                     "thing at a time.",
                     "Herlihy & Wing 1990; Raft, section 8; handout 3B, step 8"},
};

Membership FirstMembership(int nodes) {
  Membership membership;
  for (int node = 1; node <= nodes; ++node) membership.voters.insert(static_cast<NodeId>(node));
  return membership;
}

LeadershipOptions LeadershipOf(const RegisterRoom::Options& options) {
  const auto has = [&](const char* feature) {
    return std::find(options.features.begin(), options.features.end(), feature) !=
           options.features.end();
  };
  return {.pre_vote = has("pre-vote"),
          .check_quorum = has("check-quorum"),
          .lease_reads = has("lease-reads"),
          .clock_rate_bound_ppm = options.clock_rate_bound_ppm,
          .clocks_keep_bound = options.clocks_keep_bound};
}

}  // namespace

const Statement kElection = {
    "raft.leader-is-elected",
    "Whenever a majority of servers runs and can talk, one of them is soon elected.",
    "Raft, section 5.2; handout 3A, steps 3 to 5"};

RaftRoom::RaftRoom(Stage& stage, const Options& options)
    : RegisterRoom(stage, options, ledger_, kStatements),
      ledger_(FirstMembership(options.nodes)),
      watch_(ledger_),
      witness_(std::make_unique<Witness>(stage, ledger_)) {
  stage.world().Watch(watch_);
  WatchRules(stage, watch_, mutable_tap(), ledger_);
  WatchLeadershipRules(stage, watch_, ledger_, LeadershipOf(options));
  watch_.Add(*witness_);
  stage.world().Watch(*witness_);
  BootNodes(quorum::raft::kLogRole, quorum::raft::kLogFactoryType, [&](const NodeConfig& config) {
    puppets_[config.self()] = std::make_unique<Puppet>(stage, watch_, config);
  });
}

RaftRoom::~RaftRoom() = default;

NodeId RaftRoom::elected() const {
  const NodeId leader = ledger_.latest_leader();
  const auto machine = stage().world_if_made()->machines().find(leader);
  const bool runs = leader != 0 && machine->second->up();
  return runs && ledger_.servers().at(leader).term == ledger_.latest_term() ? leader : 0;
}

NodeId RaftRoom::AwaitElected(Term after) {
  const bool led = world().RunUntil([&] { return elected() != 0 && ledger_.latest_term() > after; },
                                    20 * kSecond);
  stage().Require(kElection, led,
                  "Nobody leads after 20 simulated seconds: no server has sent AppendEntries in a "
                  "later term. " +
                      HowElectionsWent(after));
  return elected();
}

std::string RaftRoom::HowElectionsWent(Term after) const {
  std::map<Term, std::vector<NodeId>> stood;
  for (const auto& [term_and_node, candidacy] : ledger_.candidacies()) {
    const auto& [term, node] = term_and_node;
    if (term > after) stood[term].push_back(node);
  }
  if (stood.empty()) return "No server has stood for election.";
  const auto& [last, candidates] = *stood.rbegin();
  std::string told = fmt::format(
      "Elections have begun in {} term{}, where a server that is not elected should stand again in "
      "the next one, soon and at a random time. In term {},",
      stood.size(), stood.size() == 1 ? "" : "s", last);
  for (const NodeId candidate : candidates) {
    const std::set<NodeId>& votes = ledger_.votes(last, candidate);
    told += fmt::format("{} server {} has the votes of: {}", candidate == candidates[0] ? "" : ";",
                        candidate,
                        votes.empty() ? "nobody" : fmt::format("{}", fmt::join(votes, ", ")));
  }
  return told + ".";
}

int DrawServers(Stage& stage) {
  constexpr int kSizes[] = {3, 4, 5, 5, 7};
  return kSizes[stage.random().Below(std::size(kSizes))];
}

}  // namespace quorum::grader::raft
