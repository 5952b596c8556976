#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::lock_service {

/// How many operations of one session may be under way.
inline constexpr std::uint64_t kWindow = 64;

/// What the state has of one session; a SessionRecord, found faster.
struct Session {
  std::uint64_t id = 0;
  std::string client = {};
  std::uint64_t attempt = 0;
  std::int64_t lease_ns = 0;
  std::map<std::uint64_t, HandleRecord> handles = {};
  std::uint64_t answered_below = 1;
  std::map<std::uint64_t, Result> executed = {};  // by the operation's number
  std::deque<Event> events = {};
  std::uint64_t last_event = 0;
};

/// The sessions that live, and what makes each of their operations happen once (Birrell & Nelson
/// 1984; Ongaro's thesis, section 6.3).
class Sessions {
 public:
  /// The session that `client` has begun with this attempt; null: there is none.
  const Session* FindAttempt(const std::string& client, std::uint64_t attempt) const;
  Session& Create(std::uint64_t id, const std::string& client, const CreateSessionCommand& command);
  /// Null: it has ended, or never was.
  Session* Find(std::uint64_t id);
  const Session* Find(std::uint64_t id) const;
  void Remove(std::uint64_t id) { sessions_.erase(id); }
  const std::map<std::uint64_t, Session>& all() const { return sessions_; }

  /// What is to be answered to the operation `call` without executing it: the answer that it had,
  /// or an error. Nothing: it is new, and its result is to be put at `session.executed`. Forgets
  /// what the client says that it has.
  static std::optional<Result> Recall(Session& session, const Call& call);

  void Save(Snapshot& snapshot) const;
  void Load(const Snapshot& snapshot);

 private:
  std::map<std::uint64_t, Session> sessions_;
};

/// The result that says so; `status` may be OK.
Result ResultOf(const absl::Status& status);
/// The other way round.
absl::Status StatusOf(const Result& result);

}  // namespace quorum::lock_service
