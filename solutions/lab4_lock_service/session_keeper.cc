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
  // [solution: Ask for a session of your own (handout 4B, step 6).]
  if (creating_ || session_ != 0) return;
  creating_ = true;
  attempt_ = env_.Random();
  Create();
  // [end]
}

void SessionKeeper::Create() {
  // [solution: Ask, and ask again with the same attempt (handout 4B, step 6).]
  CreateSessionRequest request;
  request.set_attempt(attempt_);
  const NodeId server = finder_.master();
  env_.Call(server, kCreateSession, request, 2 * Patience(),
            [this, sent = env_.Now(), server](const auto& response) {
              OnCreated(sent, server, response);
            });
  // [end]
}

void SessionKeeper::OnCreated(Time sent, NodeId asked,
                              const absl::StatusOr<CreateSessionResponse>& response) {
  // [solution: It has begun; its lease counts from when you asked (handout 4B, step 6).]
  if (absl::IsDeadlineExceeded(response.status())) ++late_;
  if (!response.ok()) {
    finder_.Failed(asked);
    retry_ = env_.After(env_.RandomBetween(kShortestPause, kLongestPause), [this] { Create(); });
    return;
  }
  creating_ = false;
  session_ = response->session();
  epoch_ = std::max(epoch_, response->epoch());
  invalidated_ = 0;
  events_received_ = 0;
  answered_ = true;
  state_ = IN_JEOPARDY;  // until the lease says otherwise
  lease_until_ = sent;
  grace_end_ = env_.After(grace_, [this] { Finish(EXPIRED, /*by_user=*/false); });
  ExtendLease(sent, Duration(response->lease_ns()));
  SendKeepAlive();
  // [end]
}

SessionState SessionKeeper::state() {
  // [solution: Look at the clock: the timer that was to tell of the lease's end may be late
  // (handout 4B, step 7).]
  if (state_ == VALID && env_.Now() >= lease_until_) EnterJeopardy();
  return state_;
  // [end]
}

void SessionKeeper::ExtendLease(Time sent, Duration lease) {
  // [solution: Count from the sending, by what your clock may be off; then it is valid, or valid
  // again (section 2.8; handout 4B, step 7).]
  lease_until_ = std::max(lease_until_, sent + bound_.Within(lease));
  const Duration left = lease_until_ - env_.Now();
  if (left <= Duration::zero()) return;
  lease_end_ = env_.After(left, [this] { state(); });
  grace_end_.Cancel();
  if (std::exchange(state_, VALID) != VALID) listener_.OnValid();
  // [end]
}

void SessionKeeper::EnterJeopardy() {
  // [solution: Say so; and give up when the grace period is over, too (section 2.8; handout 4B,
  // step 7).]
  state_ = IN_JEOPARDY;
  grace_end_ = env_.After(lease_until_ + grace_ - env_.Now(),
                          [this] { Finish(EXPIRED, /*by_user=*/false); });
  listener_.OnJeopardy();
  // [end]
}

Duration SessionKeeper::Patience() const {
  return std::min<Duration>(kLeastPatience * (1 << std::min(late_, 4)), kMostPatience);
}

void SessionKeeper::SendKeepAlive() {
  // [solution: Let the master hold it, but be answered in time to ask another one (section 2.8;
  // handout 4B, step 7).]
  KeepAliveRequest request;
  request.set_session(session_);
  request.set_epoch(epoch_);
  request.set_invalidated(invalidated_);
  request.set_events_received(events_received_);
  const Duration left = valid() && answered_ ? lease_until_ - env_.Now() : 0ns;
  const Duration hold = left * 2 / 3;
  request.set_hold_ns(hold.count());
  asked_ = finder_.master();
  env_.Call(asked_, kKeepAlive, request, hold + kLongestTry,
            [this, sent = env_.Now(), number = ++keep_alive_, asked = asked_,
             session = session_](const auto& response) {
              if (session == session_) OnKeepAlive(sent, number, asked, response);
            });
  // Perhaps it is the network that is slow: a late answer is as good. But perhaps the master is
  // dead.
  const Duration patience = std::clamp<Duration>(left / 8, Patience(), kMostPatience);
  retry_ = env_.After(hold + patience, [this] {
    ++late_;
    answered_ = false;
    finder_.Failed(asked_);
    SendKeepAlive();
  });
  // [end]
}

void SessionKeeper::OnKeepAlive(Time sent, std::uint64_t number, NodeId asked,
                                const absl::StatusOr<KeepAliveResponse>& response) {
  // [solution: Take what it brings, and ask again (handout 4B, step 7).]
  const bool last = number == keep_alive_;
  if (absl::IsUnauthenticated(response.status()) || absl::IsPermissionDenied(response.status())) {
    return Finish(EXPIRED, /*by_user=*/false);
  }
  if (!response.ok()) {
    if (!last) return;  // another server has been asked since
    answered_ = false;
    finder_.Failed(asked);
    retry_ =
        env_.After(env_.RandomBetween(kShortestPause, kLongestPause), [this] { SendKeepAlive(); });
    return;
  }
  answered_ = true;
  late_ = 0;
  const std::uint64_t session = session_;
  TakeNews(*response);
  if (response->epoch() == epoch_) finder_.Served(asked);
  ExtendLease(sent, Duration(response->lease_ns()));
  if (session != session_) return;               // the user has heard of it and ended it
  if (last || asked_ != asked) SendKeepAlive();  // else that one is on its way to the master
  // [end]
}

void SessionKeeper::TakeNews(const KeepAliveResponse& response) {
  // [solution: Note whose answer it is (handout 4B, step 8). Then take first what is not true any
  // more, and then what has happened (4D, steps 3 and 7).]
  NoteEpoch(response.epoch());
  if (response.epoch() == epoch_) {
    for (const Invalidation& invalidation : response.invalidations()) {
      if (invalidation.number() <= invalidated_) continue;
      invalidated_ = invalidation.number();
      listener_.OnInvalidation(invalidation.path());
    }
  }
  for (const Event& event : response.events()) {
    if (event.number() <= events_received_) continue;
    events_received_ = event.number();
    listener_.OnEvent(event);
  }
  // [end]
}

void SessionKeeper::NoteEpoch(std::uint64_t epoch) {
  // [solution: A later one is another master's: nothing is cached from before (section 2.9; handout
  // 4B, step 8).]
  if (epoch <= epoch_) return;
  epoch_ = epoch;
  invalidated_ = 0;
  listener_.OnNewMaster();
  // [end]
}

void SessionKeeper::Lost(std::uint64_t session) {
  if (session_ != 0 && session == session_) Finish(EXPIRED, /*by_user=*/false);
}

void SessionKeeper::Finish(SessionState how, bool by_user) {
  // [solution: It is over, whatever any master says later (handout 4B, step 7).]
  state_ = how;
  session_ = 0;
  lease_end_.Cancel();
  grace_end_.Cancel();
  retry_.Cancel();
  listener_.OnEnded(by_user);
  // [end]
}

void SessionKeeper::End(absl::AnyInvocable<void()> done) {
  // [solution: From now on it is over for the user; tell the cell (handout 4B, step 9).]
  if (session_ == 0) return done();
  const std::uint64_t session = session_;
  const Time give_up = lease_until_ + grace_;
  Finish(NO_SESSION, /*by_user=*/true);
  SendEnd(session, give_up, std::move(done));
  // [end]
}

void SessionKeeper::SendEnd(std::uint64_t session, Time give_up, absl::AnyInvocable<void()> done) {
  // [solution: Ask until the cell has answered, or the session must have expired (handout 4B, step
  // 9).]
  EndSessionRequest request;
  request.set_session(session);
  const NodeId server = finder_.master();
  env_.Call(server, kEndSession, request, 2 * Patience(),
            [this, session, server, give_up, done = std::move(done)](const auto& response) mutable {
              const bool ended = response.ok() || absl::IsUnauthenticated(response.status());
              if (ended || env_.Now() >= give_up) {
                end_retries_.erase(session);
                return done();
              }
              if (absl::IsDeadlineExceeded(response.status())) ++late_;
              finder_.Failed(server);
              end_retries_[session] =
                  env_.After(env_.RandomBetween(kShortestPause, kLongestPause),
                             [this, session, give_up, done = std::move(done)]() mutable {
                               SendEnd(session, give_up, std::move(done));
                             });
            });
  // [end]
}

}  // namespace quorum::lock_service
