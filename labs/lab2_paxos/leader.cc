#include "labs/lab2_paxos/leader.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

using namespace std::chrono_literals;

constexpr Duration kHeartbeat = 50ms;
constexpr Duration kCallTimeout = 200ms;
// What nobody has answered for this long is sent again.
constexpr Duration kRepeatAfter = 75ms;
// A leader that hears from no quorum for this long cannot decide anything: it makes room.
constexpr Duration kSilence = 500ms;
// And so does one that cannot find what was decided before it.
constexpr Duration kSlowestStart = 3s;
constexpr std::size_t kMostUndecided = 1000;
constexpr std::size_t kMostInOneMessage = 64;

}  // namespace

Leader::Leader(Env& env, const NodeConfig& config, LogStore& store, const Ballot& ballot,
               LeaderHost& host)
    : env_(env), config_(config), store_(store), ballot_(ballot), host_(host), began_(env.Now()) {
  for (const NodeId peer : config_.peers()) {
    if (peer != config_.self()) followers_[peer].heard = began_;
  }
}

void Leader::Begin(LogIndex decided, const std::vector<Entry>& inherited) {
  NotWritten("Propose again what may be decided, then a no-op of your own (handout 2C, step 4).");
}

bool Leader::Propose(std::string_view command) {
  NotWritten("Propose the command in the next slot (handout 2C, step 5).");
}

bool Leader::ProposeAll(const std::vector<Entry>& entries) {
  NotWritten("Accept the entries yourself, and send them to every follower (handout 2C, step 5).");
}

void Leader::Send(NodeId peer, const std::vector<LogIndex>& slots) {
  NotWritten("Send these slots, or a heartbeat, with the commit index (handout 2C, step 5).");
}

void Leader::OnAnswer(NodeId peer, std::uint64_t number, const std::vector<LogIndex>& slots,
                      const AcceptEntriesResponse& response) {
  NotWritten(
      "Give up if the follower has promised more; otherwise count (handout 2C, steps 5 and 8).");
}

void Leader::Count(NodeId from, const std::vector<LogIndex>& slots) {
  NotWritten("Count who has accepted which slot, and tell what is decided (handout 2C, step 5).");
}

void Leader::Tick() {
  NotWritten(
      "Repeat what is unanswered; step down when no quorum answers (handout 2C, steps 4, 8).");
}

bool Leader::HearsQuorum() const {
  NotWritten("Say whether a quorum, you included, has answered lately (handout 2C, step 8).");
}

void Leader::Confirm(absl::AnyInvocable<void(const absl::Status&)> done) {
  NotWritten("Ask everyone whether you still lead (handout 2C, step 7).");
}

void Leader::SettleConfirmations() {
  NotWritten("Count answers to what was sent after somebody asked (handout 2C, step 7).");
}

void Leader::End() {
  NotWritten("Whoever waits for a confirmation will not get it (handout 2C, step 8).");
}

}  // namespace quorum::paxos
