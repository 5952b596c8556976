#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "grader/scenarios/paxos/rule.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::grader::paxos {

/// Understands the messages and disks of lab 2, keeps the ledger, and tells the rules. Watches the
/// world before them.
class Watch final : public sim::Monitor {
 public:
  explicit Watch(Ledger& ledger) : ledger_(ledger) {}
  void Add(Rule& rule) { rules_.push_back(&rule); }
  /// A node that the scenario plays itself: what it does is not judged, but has happened.
  void AddPuppet(NodeId node) { puppets_.insert(node); }
  const std::vector<Rule*>& rules() const { return rules_; }

  void OnSend(const sim::Message& message, std::string_view path) override;
  void OnDurable(NodeId node, const WriteBatch& batch) override;
  void OnBoot(NodeId node, const sim::Disk& disk) override;
  void OnCrash(NodeId node, const sim::Disk& disk) override;
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

 private:
  /// What is remembered of a request until it is answered.
  struct Asked {
    AcceptMessage accept;  // of phase 2
    Ballot ballot;         // of phase 1
    Slot committed = 0;    // of phase 1
  };

  void HearRequest(const sim::Message& message, std::string_view path);
  void HearResponse(const sim::Message& message, std::string_view path);
  void HearPrepare(const sim::Message& message, const Ballot& ballot, Slot committed);
  void HearPromise(const sim::Message& message, Promise promise);
  void HearAccept(const sim::Message& message, AcceptMessage accept);
  void HearAccepted(const sim::Message& message);
  void HearDecided(NodeId node, Slot slot, const std::string& value);
  void HearDecidedUpTo(NodeId node, Slot slot);

  void ReadDisk(NodeId node, const sim::KeyValues& data);
  void SetPromise(NodeId node, const Ballot& ballot);
  void SetAccepted(NodeId node, Slot slot, const Accepted& accepted, Slot committed);
  void SetCommitted(NodeId node, Slot committed);

  template <class Tell>
  void TellRules(NodeId about, Tell tell) {
    if (puppets_.contains(about)) return;
    for (Rule* rule : rules_) tell(*rule);
  }

  Ledger& ledger_;
  std::vector<Rule*> rules_;
  std::set<NodeId> puppets_;
  std::unordered_map<std::uint64_t, Asked> asked_;  // by message
};

}  // namespace quorum::grader::paxos
