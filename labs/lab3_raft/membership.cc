// "Cluster membership changes" (section 6): how a leader brings them about.
#include <algorithm>
#include <set>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab3_raft/server.h"

namespace quorum::raft {
namespace {

using namespace std::chrono_literals;

// New servers are sent the log in rounds, each up to where the log ended at its beginning. Who
// takes less than an election timeout for one has caught up (Ongaro's thesis, section 4.2.1).
constexpr int kMostRounds = 10;
constexpr Duration kSilence = 5s;

}  // namespace

void Server::ChangeMembership(const ChangeMembershipRequest& request,
                              Responder<ChangeMembershipResponse> responder) {
  NotWritten("Refuse what cannot be, and begin with what can (section 6; handout 3E, step 3).");
}

std::string Server::WhyNot(const ChangeMembershipRequest& request) const {
  NotWritten("One change at a time, and every server named once (section 6; handout 3E, step 3).");
}

void Server::GoOnWithChange() {
  NotWritten("Take the next step once the last one is committed, up to leaving the cluster "
             "(section 6; handout 3E, step 4).");
}

void Server::TakeStep() {
  NotWritten("Add learners, wait for them, and then go over to C_old,new (section 6; handout 3E, "
             "step 4).");
}

bool Server::HaveCaughtUp() {
  NotWritten("Say whether the new voters have the log, but for what is on its way (section 6; "
             "handout 3E, step 4).");
}

void Server::UseConfiguration(const Configuration& configuration) {
  NotWritten("Append it, and use it from now on (section 6; handout 3E, step 4).");
}

void Server::EndChange(ChangeMembershipResponse::Outcome outcome, std::string reason) {
  if (!change_) return;
  ChangeMembershipResponse response;
  response.set_outcome(outcome);
  response.set_reason(std::move(reason));
  change_->responder.Reply(response);
  change_.reset();
}

bool Server::MayStand() const {
  NotWritten("Say whether you vote, or may still have to (section 6; handout 3E, step 5).");
}

}  // namespace quorum::raft
