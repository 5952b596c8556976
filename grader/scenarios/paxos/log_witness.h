#pragma once

#include "grader/scenarios/paxos/log_room.h"

namespace quorum::grader::paxos {

/// Notices what the scenarios exist for.
class LogRoom::Witness final : public Rule {
 public:
  Witness(Stage& stage, Ledger& ledger) : Rule(stage.world(), {}, ledger), stage_(stage) {}

  void Proposed(const AcceptMessage& message) override {
    if (last_leader_ != 0 && last_leader_ != message.from) stage_.Observe(kLeaderChanged);
    last_leader_ = message.from;
    bool no_op = false;
    for (const auto& [slot, value] : message.proposals) {
      highest_proposed_ = std::max(highest_proposed_, slot);
      const auto [first, fresh] = first_proposer_.emplace(slot, message.from);
      if (!fresh && first->second != message.from && value != kNoOp) stage_.Observe(kInherited);
      if (no_op && value != kNoOp) stage_.Observe(kNoOpChosen);
      no_op = value == kNoOp;
    }
  }
  void OnCrash(NodeId node, const sim::Disk&) override {
    if (node == last_leader_ && highest_proposed_ > ledger().chosen_up_to()) {
      stage_.Observe(kLeaderDiedBusy);
    }
  }
  void OnBoot(NodeId node, const sim::Disk&) override {
    if (ledger().acceptor(node).lost) stage_.Observe(kNodeLostDisk);
  }
  void OnSend(const sim::Message& message, std::string_view path) override {
    if (path != quorum::paxos::kFetch.path || !message.is_response || !message.status.ok()) return;
    quorum::paxos::FetchResponse response;
    response.ParseFromString(message.payload);
    if (response.entries_size() > 0) stage_.Observe(kFetched);
    if (response.chunk().offset() > 0) stage_.Observe(kSnapshotSent);
  }

 private:
  Stage& stage_;
  std::map<Slot, NodeId> first_proposer_;
  Slot highest_proposed_ = 0;
  NodeId last_leader_ = 0;
};

}  // namespace quorum::grader::paxos
