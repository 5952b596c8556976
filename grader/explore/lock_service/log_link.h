#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "common/env/env.h"
#include "common/log/replicated_log.h"
#include "grader/explore/lock_service/small_cell.h"

namespace quorum::explore::locks {

/// A server's end of the given log. It says what it has applied, and what it has heard of leading.
class LogLink final : public ReplicatedLog {
 public:
  LogLink(Env& env, NodeId self, StateMachine& machine);

  // ReplicatedLog.
  void Propose(std::string_view command,
               absl::AnyInvocable<void(const ProposeOutcome&)> done) override;
  void ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) override;
  void DiscardUpTo(LogIndex, std::string) override {}  // these worlds are too short for that
  NodeId leader() const override { return epoch_ != 0 ? self_ : 0; }

 private:
  /// One whose answer has not come.
  struct Open {
    Time begun;
    absl::AnyInvocable<void(const ProposeOutcome&)> done;
  };
  struct Barrier {
    LogIndex needs;
    absl::AnyInvocable<void(const absl::Status&)> done;
  };
  using DecidedEntries = google::protobuf::RepeatedPtrField<Decided>;

  void Lead(const LeadRequest& request);
  void LoseLeadership();
  void ApplyAll(std::uint64_t epoch, const DecidedEntries& decided);
  void Apply(std::uint64_t epoch, const Decided& decided);
  void OnConfirmed(std::uint64_t epoch, Time begun, const absl::StatusOr<ConfirmResponse>& answer,
                   absl::AnyInvocable<void(const absl::Status&)> done);
  void PassBarriers();
  void SayConfirmed(Time since);
  void Say(const Said& said) { env_.Log(said.SerializeAsString()); }

  Env& env_;
  const NodeId self_;
  StateMachine& machine_;
  LogIndex applied_ = 0;
  std::uint64_t epoch_ = 0;  // in which this server leads; 0: it does not
  std::uint64_t ended_ = 0;  // leaderships up to this one are over
  std::uint64_t last_proposal_ = 0;
  std::map<std::uint64_t, Open> proposals_;
  std::vector<Barrier> barriers_;  // confirmed, and waiting for what was decided before
  // The requests of the log.
  std::vector<Responder<LeadResponse>> leads_;
  std::vector<Responder<LeadNoMoreResponse>> ends_;
};

}  // namespace quorum::explore::locks
