#include "grader/explore/testing/toy_worlds.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grader/explore/testing/toy_node.h"

namespace quorum::explore::toy {
namespace {

constexpr grader::Statement kAgreement = {"toy.agreement", "Only one value is ever chosen.",
                                          "Paxos Made Simple, section 2.1"};
constexpr grader::Statement kValidity = {"toy.validity", "Only a proposed value is chosen.",
                                         "Paxos Made Simple, section 2.1"};

/// What one node has accepted for good, and what its client was told.
struct Chosen {
  std::set<std::pair<std::uint32_t, std::string>> accepted;
  std::set<std::string> told;

  friend auto operator<=>(const Chosen&, const Chosen&) = default;
};

void Learn(const Sight& sight, Chosen& chosen) {
  if (sight.kind == Sight::Kind::kEnded && sight.code == absl::StatusCode::kOk) {
    ProposeResponse response;
    response.ParseFromString(std::string(sight.payload));
    chosen.told.insert(response.value());
  }
  if (sight.kind != Sight::Kind::kDurable) return;
  for (const WriteBatch::Change& change : sight.batch->changes()) {
    AcceptorState state;
    state.ParseFromString(*change.value);
    if (state.accepted() > 0) chosen.accepted.emplace(state.accepted(), state.value());
  }
}

class Agreement final : public RuleOver<Chosen> {
 public:
  explicit Agreement(std::size_t quorum) : RuleOver(kAgreement), quorum_(quorum) {}

 private:
  void Note(const Sight& sight, Chosen& chosen) const override { Learn(sight, chosen); }
  std::optional<std::string> Broken(std::span<const Chosen* const> nodes) const override {
    std::set<std::string> values;
    std::map<std::pair<std::uint32_t, std::string>, std::size_t> accepts;
    for (const Chosen* node : nodes) {
      values.insert(node->told.begin(), node->told.end());
      for (const auto& accepted : node->accepted) {
        if (++accepts[accepted] == quorum_) values.insert(accepted.second);
      }
    }
    if (values.size() <= 1) return std::nullopt;
    return absl::StrCat("Both ", *values.begin(), " and ", *values.rbegin(), " are chosen.");
  }

  std::size_t quorum_;
};

class Validity final : public RuleOver<Chosen> {
 public:
  explicit Validity(std::set<std::string> proposed)
      : RuleOver(kValidity), proposed_(std::move(proposed)) {}

 private:
  void Note(const Sight& sight, Chosen& chosen) const override { Learn(sight, chosen); }
  std::optional<std::string> Broken(std::span<const Chosen* const> nodes) const override {
    for (const Chosen* node : nodes) {
      for (const std::string& value : node->told) {
        if (!proposed_.contains(value)) return absl::StrCat("Nobody has proposed ", value, ".");
      }
    }
    return std::nullopt;
  }

  std::set<std::string> proposed_;
};

}  // namespace

WorldSpec MakeToyWorld(const ToyOptions& options) {
  WorldSpec spec{.lab = "toy", .name = "Toy", .story = "Toy nodes decide one thing."};
  spec.budgets = options.budgets;
  ToyConfig toy;
  toy.set_bugs(options.bugs);
  toy.set_quorum(options.nodes / 2 + 1);
  toy.set_ballots(options.ballots);
  std::set<std::string> proposed;
  for (NodeId id = 1; id <= options.nodes; ++id) {
    NodeSpec node{.id = id, .role = "toy.node"};
    node.config.set_self(id);
    if (id > options.nodes - options.given) node.given = &MakeToyNode;
    for (NodeId peer = 1; peer <= options.nodes; ++peer) node.config.add_peers(peer);
    node.config.mutable_lab()->PackFrom(toy);
    spec.nodes.push_back(node);
    if (id > options.proposers) continue;
    ProposeRequest request;
    request.set_value(std::string(1, static_cast<char>('x' + id - 1)));
    proposed.insert(request.value());
    spec.operations.push_back({id, kPropose.path, request.SerializeAsString()});
  }
  spec.rules = {std::make_shared<Agreement>(toy.quorum()), std::make_shared<Validity>(proposed)};
  return spec;
}

std::vector<NodeFactory> ToyFactories(const WorldSpec& spec) {
  return std::vector<NodeFactory>(spec.nodes.size(), MakeToyNode);
}

}  // namespace quorum::explore::toy
