#include "grader/explore/lock_service/log_link.h"

#include <algorithm>
#include <utility>

namespace quorum::explore::locks {

LogLink::LogLink(Env& env, NodeId self, StateMachine& machine)
    : env_(env), self_(self), machine_(machine) {
  env_.Serve(kLead, [this](const LeadRequest& request, auto responder) {
    leads_.push_back(std::move(responder));
    Lead(request);
  });
  env_.Serve(kLeadNoMore, [this](const LeadNoMoreRequest& request, auto responder) {
    ends_.push_back(std::move(responder));
    ended_ = std::max(ended_, request.epoch());
    if (epoch_ <= ended_) LoseLeadership();
  });
}

void LogLink::Lead(const LeadRequest& request) {
  if (request.epoch() <= ended_) return;
  LoseLeadership();
  ended_ = request.epoch() - 1;
  ApplyAll(0, request.decided());
  epoch_ = request.epoch();
  last_proposal_ = 0;
  Said said;
  said.set_leads(epoch_);
  Say(said);
  machine_.OnLeadership(epoch_);
}

void LogLink::LoseLeadership() {
  const std::uint64_t lost = std::exchange(epoch_, 0);
  if (lost == 0) return;
  machine_.OnLeadershipLost(lost);
  for (auto& [number, proposal] : std::exchange(proposals_, {})) {
    proposal.done({.kind = ProposeOutcome::Kind::kUnknown});
  }
  for (Barrier& barrier : std::exchange(barriers_, {})) {
    barrier.done(absl::UnavailableError("The leadership is over."));
  }
}

void LogLink::Propose(std::string_view command,
                      absl::AnyInvocable<void(const ProposeOutcome&)> done) {
  if (epoch_ == 0) return done({.kind = ProposeOutcome::Kind::kNotLeader});
  ProposeRequest request;
  request.set_epoch(epoch_);
  request.set_proposal(++last_proposal_);
  Proposal& what = *request.mutable_what();
  const auto size = static_cast<int>(command.size());
  if (!what.mutable_command()->ParseFromArray(command.data(), size)) {
    what.set_bytes(std::string(command));
  }
  proposals_.emplace(last_proposal_, Open{env_.Now(), std::move(done)});
  env_.Call(kLogNode, kPropose, request, kForEver,
            [this, epoch = epoch_](const absl::StatusOr<ProposeResponse>& response) {
              if (!response.ok()) return;
              ApplyAll(epoch, response->decided());
              PassBarriers();
            });
}

void LogLink::ApplyAll(std::uint64_t epoch, const DecidedEntries& decided) {
  for (const Decided& one : decided) {
    if (one.index() > applied_) Apply(epoch, one);
  }
}

void LogLink::Apply(std::uint64_t epoch, const Decided& decided) {
  applied_ = decided.index();
  const Proposal& what = decided.what();
  const std::string command =
      what.has_command() ? what.command().SerializeAsString() : what.bytes();
  const std::string result = machine_.Apply(applied_, command);
  Said said;
  said.set_applied(applied_);
  said.set_command(command);
  said.set_state(machine_.Snapshot());
  Say(said);
  if (epoch != epoch_) return;  // whoever proposed it was told that nobody knows
  auto proposal = proposals_.extract(decided.proposal());
  if (!proposal) return;
  SayConfirmed(proposal.mapped().begun);
  proposal.mapped().done(
      {.kind = ProposeOutcome::Kind::kApplied, .index = applied_, .result = result});
}

void LogLink::ReadBarrier(absl::AnyInvocable<void(const absl::Status&)> done) {
  if (epoch_ == 0) return done(absl::UnavailableError("This server does not lead."));
  ConfirmRequest request;
  request.set_epoch(epoch_);
  env_.Call(kLogNode, kConfirm, request, kForEver,
            [this, epoch = epoch_, begun = env_.Now(),
             done = std::move(done)](const absl::StatusOr<ConfirmResponse>& answer) mutable {
              OnConfirmed(epoch, begun, answer, std::move(done));
            });
}

void LogLink::OnConfirmed(std::uint64_t epoch, Time begun,
                          const absl::StatusOr<ConfirmResponse>& answer,
                          absl::AnyInvocable<void(const absl::Status&)> done) {
  if (!answer.ok() || epoch != epoch_) {
    return done(absl::UnavailableError("The leadership is over."));
  }
  SayConfirmed(begun);
  barriers_.push_back({answer->last(), std::move(done)});
  PassBarriers();
}

void LogLink::PassBarriers() {
  std::vector<Barrier> waiting;
  for (Barrier& barrier : std::exchange(barriers_, {})) {
    if (barrier.needs > applied_) {
      waiting.push_back(std::move(barrier));
    } else {
      barrier.done(absl::OkStatus());
    }
  }
  for (Barrier& barrier : waiting) barriers_.push_back(std::move(barrier));
}

void LogLink::SayConfirmed(Time since) {
  Said said;
  said.set_confirmed(epoch_);
  said.set_since_ns(since.time_since_epoch().count());
  Say(said);
}

}  // namespace quorum::explore::locks
