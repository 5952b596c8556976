#include "grader/scenarios/paxos/ledger.h"

namespace quorum::grader::paxos {

bool Ledger::AddAccept(NodeId node, Slot slot, const Ballot& ballot, const std::string& value) {
  std::set<NodeId>& accepted = accepts_[slot][{ballot.round(), ballot.node()}];
  accepted.insert(node);
  if (accepted.size() < quorum_) return false;
  chosen_.try_emplace(slot, Accepted{ballot, value});
  while (chosen_.contains(chosen_up_to_ + 1)) ++chosen_up_to_;
  return true;
}

const Accepted* Ledger::Chosen(Slot slot) const {
  const auto found = chosen_.find(slot);
  return found == chosen_.end() ? nullptr : &found->second;
}

const std::string* Ledger::NoteProposal(Slot slot, const Ballot& ballot, const std::string& value) {
  const auto [found, fresh] =
      proposals_[slot].emplace(BallotKey{ballot.round(), ballot.node()}, value);
  return fresh ? nullptr : &found->second;
}

}  // namespace quorum::grader::paxos
