#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "grader/check/invariant.h"
#include "grader/scenarios/lock_service/cell.h"

namespace quorum::grader {
class Stage;
}

namespace quorum::grader::locks {

/// Somebody waited for a lock whose lock-delay was in force.
inline constexpr char kDelayed[] = "a client waited for a lock in its lock-delay";

/// The lock of a session that died is given to nobody before the time is over that its holder has
/// asked for. Time is the world's, and counts from when the first server has applied the session's
/// end: whoever is the master began to wait then, or later.
class LockDelaysHold final : public Invariant, public CellListener {
 public:
  LockDelaysHold(sim::World& world, Stage& stage, const Tap& tap, const Cell& cell);
  void Changed(const State& before, const State& after) override;

 private:
  /// What a lock-delay is in force for, or was.
  struct Delay {
    std::uint64_t session = 0;  ///< who died with the lock
    sim::SimTime from = 0;
    sim::SimTime until = 0;
  };

  void NoteWish(const State& before, const State& after);
  void NoteWish(std::uint64_t handle, std::int64_t delay, const State& before, const State& after);
  void BeginDelays(const State& before, sim::SimTime now);
  void JudgeGrants(const State& before, const State& after, sim::SimTime now);

  Stage& stage_;
  const Tap& tap_;
  const Cell& cell_;
  std::map<std::uint64_t, sim::SimTime> wishes_;  // by the handle that holds the lock, or waits
  std::map<std::string, Delay> delays_;           // by path; the one that lasts longest
};

}  // namespace quorum::grader::locks
