#include "grader/scenarios/paxos/ledger.h"

#include <fmt/format.h>

#include "absl/strings/escaping.h"
#include "common/log/register.pb.h"

namespace quorum::grader::paxos {

const char* const kNoOp = "no-op";

std::string CommandValue(std::string_view command) { return "=" + std::string(command); }

std::string Show(const std::string& value) {
  if (value == kNoOp || value.empty()) return value.empty() ? "nothing" : "a no-op";
  log::RegisterCommand command;
  const std::string bytes = value.substr(1);
  if (command.ParseFromString(bytes) && command.kind_case() != log::RegisterCommand::KIND_NOT_SET) {
    return command.has_append() ? fmt::format("append \"{}\"", absl::CEscape(command.append()))
                                : fmt::format("put \"{}\"", absl::CEscape(command.put()));
  }
  return fmt::format("\"{}\"", absl::CEscape(bytes));
}

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
