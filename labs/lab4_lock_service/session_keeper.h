#pragma once

#include <cstdint>
#include <map>

#include "absl/functional/any_invocable.h"
#include "common/env/env.h"
#include "labs/lab4_lock_service/clock_bound.h"
#include "labs/lab4_lock_service/lock_service.h"
#include "labs/lab4_lock_service/master_finder.h"

namespace quorum::lock_service {

/// Hears what becomes of a session.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  /// It is valid: from now on, or again.
  virtual void OnValid() = 0;
  /// Nothing is known to be valid any more.
  virtual void OnJeopardy() = 0;
  /// It has ended. `by_user`: since its user wished so.
  virtual void OnEnded(bool by_user) = 0;
  /// There is another master: whatever was cached before counts no more.
  virtual void OnNewMaster() = 0;
  virtual void OnInvalidation(const std::string& path) = 0;
  virtual void OnEvent(const Event& event) = 0;
};

/// Keeps one session alive, and knows at each instant whether it is (section 2.8).
class SessionKeeper {
 public:
  SessionKeeper(Env& env, MasterFinder& finder, ClockBound bound, Duration grace,
                SessionListener& listener);

  /// Begins a session, unless there is one or one is about to be.
  void Begin();
  /// Ends it: at once for the user, and as soon as possible for the cell. `done` is called when the
  /// cell has said so, or the session would have expired anyway.
  void End(absl::AnyInvocable<void()> done);
  /// A master has answered that the session has ended.
  void Lost(std::uint64_t session);
  /// Some answer was of this epoch.
  void NoteEpoch(std::uint64_t epoch);

  SessionState state();
  /// Whether the cell has surely not ended the session at this instant.
  bool valid() { return state() == VALID; }
  /// Of the session that is valid or in jeopardy; 0: there is none.
  std::uint64_t session() const { return session_; }
  std::uint64_t epoch() const { return epoch_; }

 private:
  void Create();
  void OnCreated(Time sent, NodeId asked, const absl::StatusOr<CreateSessionResponse>& response);
  /// How long an answer may take before another server is asked; the more have come late, the
  /// longer.
  Duration Patience() const;
  void SendKeepAlive();
  void OnKeepAlive(Time sent, std::uint64_t number, NodeId asked,
                   const absl::StatusOr<KeepAliveResponse>& response);
  void TakeNews(const KeepAliveResponse& response);
  void ExtendLease(Time sent, Duration lease);
  void EnterJeopardy();
  void Finish(SessionState how, bool by_user);
  void SendEnd(std::uint64_t session, Time give_up, absl::AnyInvocable<void()> done);

  Env& env_;
  MasterFinder& finder_;
  const ClockBound bound_;
  const Duration grace_;
  SessionListener& listener_;

  SessionState state_ = NO_SESSION;
  bool creating_ = false;
  std::uint64_t attempt_ = 0;  // of the session that is there or is being created
  std::uint64_t session_ = 0;
  Time lease_until_ = {};  // by this clock
  std::uint64_t epoch_ = 0;
  std::uint64_t invalidated_ = 0;
  std::uint64_t events_received_ = 0;
  bool answered_ = true;          // the last KeepAlive was
  int late_ = 0;                  // answers, one after the other, that have not come in time
  std::uint64_t keep_alive_ = 0;  // how many were sent
  NodeId asked_ = 0;              // who has got the last of them
  Timer lease_end_;
  Timer grace_end_;
  Timer retry_;
  std::map<std::uint64_t, Timer> end_retries_;  // by session: several ends may be under way
};

}  // namespace quorum::lock_service
