#pragma once

#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "grader/scenarios/raft/rule.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::grader::raft {

/// Understands the messages and disks of lab 3, keeps the ledger, and tells the rules. Watches the
/// world before them.
class Watch final : public sim::Monitor {
 public:
  explicit Watch(Ledger& ledger) : ledger_(ledger) {}
  void Add(Rule& rule) { rules_.push_back(&rule); }
  /// A server that the scenario plays itself: what it does is not judged, but has happened.
  void AddPuppet(NodeId node) { puppets_.insert(node); }
  bool IsPuppet(NodeId node) const { return puppets_.contains(node); }

  void OnSend(const sim::Message& message, std::string_view path) override;
  void OnDurable(NodeId node, const WriteBatch& batch) override;
  void OnBoot(NodeId node, const sim::Disk& disk) override;
  void OnSurvived(NodeId node, const WriteBatch& batch) override;

 private:
  void HearRequest(const sim::Message& message, std::string_view path);
  void HearResponse(const sim::Message& message, std::string_view path);
  void HearLeader(NodeId from, Term term);
  void HearAppend(const sim::Message& message);
  void HearVote(const sim::Message& message);
  void HearPreVote(const sim::Message& message);
  void HearPuppet(const sim::Message& message, std::string_view path);
  void HearAppended(const sim::Message& message);
  void Change(NodeId node, const DiskChange& change);
  void ChangeLog(ServerRecord& record, const DiskChange& change);

  template <class Tell>
  void TellAll(Tell tell) {
    for (Rule* rule : rules_) tell(*rule);
  }
  template <class Tell>
  void TellRules(NodeId about, Tell tell) {
    if (puppets_.contains(about)) return;
    for (Rule* rule : rules_) tell(*rule);
  }

  Ledger& ledger_;
  std::vector<Rule*> rules_;
  std::set<NodeId> puppets_;
  struct Asked {
    Term term = 0;
    bool transfer = false;
  };
  std::deque<AppendMessage> appends_;                  // by message, which are numbered
  std::unordered_map<std::uint64_t, Asked> stands_;    // of a RequestVote or a PreVote
  std::unordered_map<std::uint64_t, Term> snapshots_;  // the term of an InstallSnapshot
  // Parsed into, again and again.
  quorum::raft::Entry entry_;
  quorum::raft::AppendEntriesRequest append_request_;
  quorum::raft::AppendEntriesResponse append_response_;
};

}  // namespace quorum::grader::raft
