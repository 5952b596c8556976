#include "grader/explore/paxos/rules.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grader/scenarios/paxos/statements.h"
#include "labs/lab2_paxos/ballot.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::explore::paxos {
namespace {

using namespace quorum::paxos;
using namespace quorum::grader::paxos;
using grader::Statement;

using BallotKey = std::pair<std::uint64_t, NodeId>;
using Proposal = std::pair<BallotKey, std::string>;

BallotKey KeyOf(const Ballot& ballot) { return {ballot.round(), ballot.node()}; }
std::string Show(const BallotKey& ballot) { return absl::StrCat(ballot.first, ".", ballot.second); }

template <class Message>
Message Parse(std::string_view bytes) {
  Message message;
  message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return message;
}

bool IsResponse(const Sight& sight, const char* path) {
  return sight.kind == Sight::Kind::kSent && sight.is_response &&
         sight.code == absl::StatusCode::kOk && sight.path == path;
}
bool IsRequest(const Sight& sight, const char* path) {
  return sight.kind == Sight::Kind::kSent && !sight.is_response && sight.path == path;
}

/// The acceptor's state, when it is what has become durable.
std::optional<AcceptorState> DurableState(const Sight& sight) {
  if (sight.kind != Sight::Kind::kDurable) return std::nullopt;
  std::optional<AcceptorState> state;
  for (const WriteBatch::Change& change : sight.batch->changes()) {
    if (change.key == kAcceptorKey && change.value) state = Parse<AcceptorState>(*change.value);
  }
  return state;
}

/// What one node has accepted for good, and what it says is decided.
struct Record {
  std::set<Proposal> accepted;
  std::set<std::string> told;

  friend auto operator<=>(const Record&, const Record&) = default;
};

class AboutDecisions : public RuleOver<Record> {
 public:
  AboutDecisions(const Statement& statement, std::size_t nodes)
      : RuleOver(statement), quorum_(nodes / 2 + 1) {}

 protected:
  void Note(const Sight& sight, Record& record) const override {
    if (const auto state = DurableState(sight); state && !IsNone(state->accepted())) {
      record.accepted.emplace(KeyOf(state->accepted()), state->value());
    }
    if (IsRequest(sight, kLearn.path)) {
      record.told.insert(Parse<LearnRequest>(sight.payload).value());
    }
    if (sight.kind == Sight::Kind::kEnded && sight.code == absl::StatusCode::kOk) {
      record.told.insert(Parse<ProposeResponse>(sight.payload).value());
    }
  }

  /// Values that a quorum has accepted under one ballot, and the ballot.
  std::map<std::string, BallotKey> Chosen(std::span<const Record* const> nodes) const {
    std::map<Proposal, std::size_t> accepts;
    std::map<std::string, BallotKey> chosen;
    for (const Record* node : nodes) {
      for (const Proposal& proposal : node->accepted) {
        if (++accepts[proposal] == quorum_) chosen.emplace(proposal.second, proposal.first);
      }
    }
    return chosen;
  }

 private:
  std::size_t quorum_;
};

class Agreement final : public AboutDecisions {
 public:
  explicit Agreement(std::size_t nodes) : AboutDecisions(kAgreement, nodes) {}

 private:
  std::optional<std::string> Broken(std::span<const Record* const> nodes) const override {
    std::map<std::string, std::string> why;
    for (const auto& [value, ballot] : Chosen(nodes)) {
      why[value] =
          absl::StrCat("\"", value, "\" has been accepted by a quorum under ballot ", Show(ballot));
    }
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      for (const std::string& value : nodes[node]->told) {
        why.emplace(value, absl::StrCat("n", node + 1, " says that \"", value, "\" is decided"));
      }
    }
    if (why.size() < 2) return std::nullopt;
    return absl::StrCat(why.begin()->second, ", and ", why.rbegin()->second, ".");
  }
};

class LearnedIsChosen final : public AboutDecisions {
 public:
  explicit LearnedIsChosen(std::size_t nodes) : AboutDecisions(kLearnedIsChosen, nodes) {}

 private:
  std::optional<std::string> Broken(std::span<const Record* const> nodes) const override {
    const auto chosen = Chosen(nodes);
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      for (const std::string& value : nodes[node]->told) {
        if (chosen.contains(value)) continue;
        return absl::StrCat("n", node + 1, " says that \"", value,
                            "\" is decided; no quorum has it on disk under one ballot.");
      }
    }
    return std::nullopt;
  }
};

/// What is proposed, by Accept or on a disk, under which ballot.
using Proposals = std::set<Proposal>;

class AboutProposals : public RuleOver<Proposals> {
 public:
  using RuleOver::RuleOver;

 private:
  void Note(const Sight& sight, Proposals& proposals) const override {
    if (IsRequest(sight, kAccept.path)) {
      const auto request = Parse<AcceptRequest>(sight.payload);
      proposals.emplace(KeyOf(request.ballot()), request.value());
    }
    if (const auto state = DurableState(sight); state && !IsNone(state->accepted())) {
      proposals.emplace(KeyOf(state->accepted()), state->value());
    }
  }
};

class Validity final : public AboutProposals {
 public:
  explicit Validity(std::set<std::string> proposed)
      : AboutProposals(kValidity), proposed_(std::move(proposed)) {}

 private:
  std::optional<std::string> Broken(std::span<const Proposals* const> nodes) const override {
    for (const Proposals* node : nodes) {
      for (const auto& [ballot, value] : *node) {
        if (proposed_.contains(value)) continue;
        return absl::StrCat("\"", value, "\" is proposed under ballot ", Show(ballot),
                            "; no client has asked for it.");
      }
    }
    return std::nullopt;
  }

  std::set<std::string> proposed_;
};

class OneValuePerBallot final : public AboutProposals {
 public:
  OneValuePerBallot() : AboutProposals(kOneValue) {}

 private:
  std::optional<std::string> Broken(std::span<const Proposals* const> nodes) const override {
    std::map<BallotKey, std::string> values;
    for (const Proposals* node : nodes) {
      for (const auto& [ballot, value] : *node) {
        const auto [known, is_new] = values.emplace(ballot, value);
        if (is_new || known->second == value) continue;
        return absl::StrCat("Both \"", known->second, "\" and \"", value,
                            "\" are proposed under ballot ", Show(ballot), ".");
      }
    }
    return std::nullopt;
  }
};

/// An acceptor, and the first thing that it should not have done.
struct Conduct {
  BallotKey promise_sent;
  BallotKey durable;  ///< the highest ballot that its disk promises
  std::set<Proposal> accepted;
  std::string fault;

  friend auto operator<=>(const Conduct&, const Conduct&) = default;
};

class AboutConduct : public RuleOver<Conduct> {
 public:
  using RuleOver::RuleOver;

 private:
  std::optional<std::string> Broken(std::span<const Conduct* const> nodes) const override {
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      if (!nodes[node]->fault.empty()) return absl::StrCat("n", node + 1, nodes[node]->fault);
    }
    return std::nullopt;
  }
};

class PromiseKept final : public AboutConduct {
 public:
  PromiseKept() : AboutConduct(kPromiseKept) {}

 private:
  void Note(const Sight& sight, Conduct& conduct) const override {
    if (!conduct.fault.empty()) return;
    if (IsResponse(sight, kPrepare.path) && Parse<PrepareResponse>(sight.payload).promised()) {
      const auto asked = Parse<PrepareRequest>(sight.request);
      conduct.promise_sent = std::max(conduct.promise_sent, KeyOf(asked.ballot()));
    }
    const auto state = DurableState(sight);
    if (!state || IsNone(state->accepted())) return;
    const BallotKey ballot = KeyOf(state->accepted());
    const bool is_new = conduct.accepted.emplace(ballot, state->value()).second;
    if (!is_new || ballot >= conduct.promise_sent) return;
    conduct.fault = absl::StrCat(" has promised ballot ", Show(conduct.promise_sent),
                                 ", and then accepts under ", Show(ballot), ".");
  }
};

class DurableBeforeReply final : public AboutConduct {
 public:
  DurableBeforeReply() : AboutConduct(kDurableBeforeReply) {}

 private:
  void Note(const Sight& sight, Conduct& conduct) const override {
    if (!conduct.fault.empty()) return;
    if (const auto state = DurableState(sight)) {
      conduct.durable = std::max({conduct.durable, KeyOf(state->promised())});
      if (!IsNone(state->accepted())) {
        conduct.accepted.emplace(KeyOf(state->accepted()), state->value());
      }
    }
    if (IsResponse(sight, kPrepare.path) && Parse<PrepareResponse>(sight.payload).promised()) {
      const BallotKey ballot = KeyOf(Parse<PrepareRequest>(sight.request).ballot());
      if (conduct.durable < ballot) {
        conduct.fault =
            absl::StrCat(" promises ballot ", Show(ballot), ", and its disk does not know of it.");
      }
    }
    if (IsResponse(sight, kAccept.path) && Parse<AcceptResponse>(sight.payload).accepted()) {
      const auto asked = Parse<AcceptRequest>(sight.request);
      if (!conduct.accepted.contains({KeyOf(asked.ballot()), asked.value()})) {
        conduct.fault =
            absl::StrCat(" answers that it has accepted \"", asked.value(), "\" under ballot ",
                         Show(KeyOf(asked.ballot())), ", and its disk does not know of it.");
      }
    }
  }
};

}  // namespace

std::vector<std::shared_ptr<Rule>> SynodRules(std::size_t nodes, std::set<std::string> proposed) {
  return {std::make_shared<Agreement>(nodes),   std::make_shared<LearnedIsChosen>(nodes),
          std::make_shared<Validity>(proposed), std::make_shared<OneValuePerBallot>(),
          std::make_shared<PromiseKept>(),      std::make_shared<DurableBeforeReply>()};
}

}  // namespace quorum::explore::paxos
