#pragma once

#include "grader/scenarios/raft/raft_room.h"

namespace quorum::grader::raft {

/// Notices what the scenarios exist for.
class RaftRoom::Witness final : public Rule {
 public:
  Witness(Stage& stage, Ledger& ledger) : Rule(stage.world(), {}, ledger), stage_(stage) {}

  void Stands(NodeId from, Term term, const Candidacy&) override {
    if (stood_ > 0 && term > stood_ && !ledger().leaders().contains(stood_)) {
      stage_.Observe(kVoteSplit);
    }
    stood_ = std::max(stood_, term);
  }
  void Leads(NodeId from, Term term) override {
    if (ledger().latest_term() > term) stage_.Observe(kTwoLeaders);
    if (ledger().latest_leader() != 0 && term > ledger().latest_term() &&
        ledger().latest_leader() != from) {
      stage_.Observe(kLeaderChanged);
    }
  }
  void DiskChanges(NodeId node, const DiskChange& change) override {
    const ServerRecord& record = ledger().server(node);
    for (const auto& [index, entry] : change.entries) {
      const auto before = record.log.find(index);
      if (entry && before != record.log.end() && *entry != before->second) {
        stage_.Observe(kOverwritten);
      }
    }
  }
  void DiskChanged(NodeId, const DiskChange&) override {
    for (; seen_ < ledger().committed_up_to(); ++seen_) {
      const CommittedEntry& committed = *ledger().Committed(seen_ + 1);
      if (committed.entry.term < committed.in_term) stage_.Observe(kInheritedCommit);
    }
  }
  void OnCrash(NodeId node, const sim::Disk&) override {
    const ServerRecord& record = ledger().server(node);
    if (node == ledger().latest_leader() && record.last_index() > ledger().committed_up_to()) {
      stage_.Observe(kLeaderDiedBusy);
    }
    if (record.voted_for != 0) stage_.Observe(kDiedVoted);
  }
  void OnBoot(NodeId node, const sim::Disk&) override {
    if (ledger().server(node).lost) stage_.Observe(kServerLostDisk);
  }
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (path == quorum::raft::kInstallSnapshot.path && !message.is_response) {
      quorum::raft::InstallSnapshotRequest request;
      request.ParseFromString(message.payload);
      stage_.Observe(kSnapshotCame);
      if (request.offset() > 0) stage_.Observe(kSnapshotSent);
    } else if (path == quorum::raft::kAppendEntries.path && message.is_response) {
      quorum::raft::AppendEntriesResponse response;
      response.ParseFromString(message.payload);
      const bool refused = message.status.ok() && !response.success();
      if (refused && response.conflict_index() > 0) stage_.Observe(kRefused);
    }
  }

 private:
  Stage& stage_;
  Term stood_ = 0;
  LogIndex seen_ = 0;
};

}  // namespace quorum::grader::raft
