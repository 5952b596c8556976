// "Rules for Servers: All Servers" (figure 2).
#include "labs/lab3_raft/server.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"

namespace quorum::raft {
namespace {

// Enough that a follower catches up fast, and little enough that a message is soon sent.
constexpr std::size_t kMostEntries = 64;

bool HasFeature(const NodeConfig& config, std::string_view name) {
  return std::find(config.features().begin(), config.features().end(), name) !=
         config.features().end();
}

absl::Status LostDisk() {
  return absl::FailedPreconditionError("This server has lost its disk, and takes no part.");
}

}  // namespace

Server::Server(Env& env, const NodeConfig& config, StateMachine& machine)
    : env_(env),
      config_(config),
      machine_(machine),
      most_entries_(HasFeature(config, "one-entry") ? 1 : kMostEntries),
      membership_(HasFeature(config, "membership")),
      pre_vote_on_(HasFeature(config, "pre-vote")),
      check_quorum_(HasFeature(config, "check-quorum")),
      lease_reads_(check_quorum_ && HasFeature(config, "lease-reads")),
      record_(env.storage(), config),
      log_(env.storage(), config) {
  env_.Serve(kRequestVote, [this](const RequestVoteRequest& request, auto responder) {
    record_.lost() ? responder.Fail(LostDisk()) : RequestVote(request, std::move(responder));
  });
  env_.Serve(kAppendEntries, [this](const AppendEntriesRequest& request, auto responder) {
    record_.lost() ? responder.Fail(LostDisk()) : AppendEntries(request, std::move(responder));
  });
  env_.Serve(kInstallSnapshot, [this](const InstallSnapshotRequest& request, auto responder) {
    record_.lost() ? responder.Fail(LostDisk()) : InstallSnapshot(request, std::move(responder));
  });
  env_.Serve(kPreVote, [this](const PreVoteRequest& request, auto responder) {
    record_.lost() ? responder.Fail(LostDisk()) : PreVote(request, std::move(responder));
  });
  env_.Serve(kTimeoutNow, [this](const TimeoutNowRequest& request, auto responder) {
    record_.lost() ? responder.Fail(LostDisk()) : TimeoutNow(request, std::move(responder));
  });
  env_.Serve(kTransferLeadership, [this](const TransferLeadershipRequest& request, auto responder) {
    record_.lost() ? responder.Fail(LostDisk()) : TransferLeadership(request, std::move(responder));
  });
  env_.Serve(kChangeMembership, [this](const ChangeMembershipRequest& request, auto responder) {
    record_.lost() ? responder.Fail(LostDisk()) : ChangeMembership(request, std::move(responder));
  });
  if (record_.lost()) return;
  if (log_.snapshot_index() > 0) CommitUpTo(log_.snapshot_index());
  AwaitElection();
}

absl::Status Server::ObserveTerm(Term term) {
  NotWritten("Enter a later term as a follower (section 5.1; handout 3A, step 2).");
}

void Server::BecomeFollower() {
  NotWritten("Stop to campaign and to lead, and tell whoever waits (handout 3A, step 2).");
}

std::vector<NodeId> Server::others() const {
  std::vector<NodeId> others;
  for (const NodeId peer : MembersOf(log_.configuration())) {
    if (peer != config_.self()) others.push_back(peer);
  }
  return others;
}

std::vector<NodeId> Server::other_voters() const {
  std::vector<NodeId> voters = others();
  std::erase_if(voters, [this](NodeId peer) { return !IsVoter(log_.configuration(), peer); });
  return voters;
}

std::unique_ptr<ReplicatedLog> MakeRaftLog(Env& env, const NodeConfig& config,
                                           StateMachine& machine) {
  return std::make_unique<Server>(env, config, machine);
}

}  // namespace quorum::raft
