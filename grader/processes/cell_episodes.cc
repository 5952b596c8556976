// What happens to cells of the lock service only.

#include "absl/strings/match.h"
#include "common/node/testing/damage.h"
#include "grader/processes/chaos.h"
#include "grader/processes/membership.h"

namespace quorum::grader {
namespace {

constexpr int kApart = 100;       ///< the number of the client that is a process of its own
constexpr int kStops = 3;         ///< of that client: one of them or another finds it with the lock
constexpr int kMeanwhile = 25;    ///< operations of the others
constexpr int kAfterRepair = 20;  ///< operations

}  // namespace

void Chaos::StoppedClient() {
  if (apart_ == nullptr) {
    apart_ = std::make_unique<ClientProcess>(service_, nodes_.addresses(), kApart);
  }
  for (int stop = 0; stop < kStops; ++stop) {
    MustExecute(kMeanwhile, "beside a client that is a process of its own");
    apart_->Stop();
    // If it holds the lock, its lease must run out before.
    MustExecute(kMeanwhile, "after SIGSTOP of a client");
    apart_->Continue();
  }
  MustExecute(kMeanwhile, "after a stopped client has woken up");
}

void Chaos::DamagedReplica() {
  if (spare_.empty()) return;
  const NodeId leader = Leader();
  if (leader == 0) return;
  const NodeId damaged = *members_.begin() == leader ? *members_.rbegin() : *members_.begin();
  nodes_.Kill(damaged);
  Expect(testing::DamageData(nodes_.folder(damaged)) > 0, "A replica has written nothing.");
  Expect(absl::StrContains(nodes_.RefusalOf(damaged), "is damaged"),
         "A replica whose data is damaged ends without saying so.");
  // Its machine, wiped, is another node from now on.
  members_.erase(damaged);
  const NodeId fresh = *spare_.begin();
  spare_.erase(fresh);
  members_.insert(fresh);
  nodes_.Start(fresh);
  Expect(ChangeVoters(nodes_.addresses(), members_), "The configuration does not change.");
  MustExecute(kAfterRepair, "after a damaged replica has come back under a new id");
}

}  // namespace quorum::grader
