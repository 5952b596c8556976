#include "grader/explore/paxos/worlds.h"

#include <set>
#include <string>
#include <utility>

#include "grader/explore/paxos/rules.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::explore::paxos {
namespace {

using namespace quorum::paxos;

/// `nodes` nodes; the clients of the first `proposers` propose "x", "y", "z". Nobody learns from
/// others: what is decided is judged where it is decided.
WorldSpec Synod(const char* name, const char* story, NodeId nodes, NodeId proposers,
                const Budgets& budgets = {}) {
  WorldSpec spec{.lab = "paxos", .name = name, .story = story};
  spec.off = {kLearn.path};
  spec.budgets = budgets;
  std::set<std::string> proposed;
  for (NodeId id = 1; id <= nodes; ++id) {
    NodeSpec node{.id = id, .role = kSynodRole};
    node.config.set_self(id);
    for (NodeId peer = 1; peer <= nodes; ++peer) node.config.add_peers(peer);
    spec.nodes.push_back(std::move(node));
    if (id > proposers) continue;
    ProposeRequest request;
    request.set_value(std::string(1, static_cast<char>('x' + id - 1)));
    proposed.insert(request.value());
    spec.operations.push_back({id, kPropose.path, request.SerializeAsString()});
  }
  spec.rules = SynodRules(nodes, std::move(proposed));
  return spec;
}

/// Two values have been accepted under different ballots, the second one by a quorum; whoever
/// proposes next hears of both. `first` proposes first, then n2, then `last`.
WorldSpec TwoValuesAccepted(const char* name, const char* story, NodeId first, NodeId last) {
  WorldSpec spec = Synod(name, story, 3, 3);
  const auto ask = [&](NodeId node) {
    spec.directions.push_back({.path = kPropose.path, .to = {node}});
  };
  const auto settle = [&](const char* path, std::vector<NodeId> nodes) {
    spec.directions.push_back({.path = path, .from = nodes, .to = nodes, .all = true});
  };
  ask(first);
  settle(kPrepare.path, {first, 2});
  settle(kAccept.path, {first});
  ask(2);
  settle(kPrepare.path, {2, last});
  settle(kAccept.path, {2, last});
  return spec;
}

}  // namespace

std::vector<WorldSpec> Worlds() {
  return {
      Synod("TwoProposers",
            "Three nodes; the clients of two propose different values, and each node that proposes "
            "does so under one ballot. Messages arrive in every order.",
            3, 2),
      Synod("TwoProposersRepeated",
            "Three nodes; the clients of two propose different values. One request arrives twice, "
            "the second time however late.",
            3, 2, {.duplicates = 1}),
      Synod("TwoProposersCrash",
            "Three nodes; the clients of two propose different values. One node dies, between any "
            "two events or between any two things that it sends or writes, and boots again on what "
            "its disk has kept.",
            3, 2, {.crashes = 1}),
      Synod("TwoProposersRetry",
            "Three nodes; the clients of two propose different values. Timers fire twice: calls "
            "fail, and proposers begin another ballot.",
            3, 2, {.timers = 2}),
      Synod("ThreeProposers",
            "Three nodes; the clients of all three propose different values, each node under one "
            "ballot.",
            3, 3),
      Synod("FourNodes",
            "Four nodes, of which two are half and no quorum; the clients of two propose different "
            "values.",
            4, 2),
      TwoValuesAccepted("TwoValuesAccepted",
                        "n1 got promises from n1 and n2 and accepted x itself, which nobody else "
                        "has heard of. Then n2 got promises from n2 and n3, and both accepted y. "
                        "From here on, n3 proposes z, and the rest of the messages arrive in "
                        "every order.",
                        1, 3),
      TwoValuesAccepted("TwoValuesTheOtherWay",
                        "n3 got promises from n3 and n2 and accepted z itself, which nobody else "
                        "has heard of. Then n2 got promises from n2 and n1, under a higher ballot, "
                        "and both accepted y. From here on, n1 proposes x, and the rest of the "
                        "messages arrive in every order.",
                        3, 1),
  };
}

}  // namespace quorum::explore::paxos
