// Sessions and KeepAlives (section 2.8), the client's side.
#include "labs/lab4_lock_service/session_keeper.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLeastPatience = 100ms;
constexpr Duration kMostPatience = 1s;
constexpr Duration kLongestTry = 2s;
constexpr Duration kShortestPause = 20ms;
constexpr Duration kLongestPause = 60ms;

}  // namespace

SessionKeeper::SessionKeeper(Env& env, MasterFinder& finder, ClockBound bound, Duration grace,
                             SessionListener& listener)
    : env_(env), finder_(finder), bound_(bound), grace_(grace), listener_(listener) {}

void SessionKeeper::Begin() {
  NotWritten("Ask for a session of your own (handout 4B, step 6).");
}

void SessionKeeper::Create() {
  NotWritten("Ask, and ask again with the same attempt (handout 4B, step 6).");
}

void SessionKeeper::OnCreated(Time sent, NodeId asked,
                              const absl::StatusOr<CreateSessionResponse>& response) {
  NotWritten("It has begun; its lease counts from when you asked (handout 4B, step 6).");
}

SessionState SessionKeeper::state() {
  NotWritten("Look at the clock: the timer that was to tell of the lease's end may be late "
             "(handout 4B, step 7).");
}

void SessionKeeper::ExtendLease(Time sent, Duration lease) {
  NotWritten("Count from the sending, by what your clock may be off; then it is valid, or valid "
             "again (section 2.8; handout 4B, step 7).");
}

void SessionKeeper::EnterJeopardy() {
  NotWritten(
      "Say so; and give up when the grace period is over, too (section 2.8; handout 4B, step 7).");
}

Duration SessionKeeper::Patience() const {
  return std::min<Duration>(kLeastPatience * (1 << std::min(late_, 4)), kMostPatience);
}

void SessionKeeper::SendKeepAlive() {
  NotWritten("Let the master hold it, but be answered in time to ask another one (section 2.8; "
             "handout 4B, step 7).");
}

void SessionKeeper::OnKeepAlive(Time sent, std::uint64_t number, NodeId asked,
                                const absl::StatusOr<KeepAliveResponse>& response) {
  NotWritten("Take what it brings, and ask again (handout 4B, step 7).");
}

void SessionKeeper::TakeNews(const KeepAliveResponse& response) {
  NotWritten("Note whose answer it is (handout 4B, step 8). Then take first what is not true any "
             "more, and then what has happened (4D, steps 3 and 7).");
}

void SessionKeeper::NoteEpoch(std::uint64_t epoch) {
  NotWritten("A later one is another master's: nothing is cached from before (section 2.9; handout "
             "4B, step 8).");
}

void SessionKeeper::Lost(std::uint64_t session) {
  if (session_ != 0 && session == session_) Finish(EXPIRED, /*by_user=*/false);
}

void SessionKeeper::Finish(SessionState how, bool by_user) {
  NotWritten("It is over, whatever any master says later (handout 4B, step 7).");
}

void SessionKeeper::End(absl::AnyInvocable<void()> done) {
  NotWritten("From now on it is over for the user; tell the cell (handout 4B, step 9).");
}

void SessionKeeper::SendEnd(std::uint64_t session, Time give_up, absl::AnyInvocable<void()> done) {
  NotWritten(
      "Ask until the cell has answered, or the session must have expired (handout 4B, step 9).");
}

}  // namespace quorum::lock_service
