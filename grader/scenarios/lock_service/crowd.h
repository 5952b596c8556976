#pragma once

#include <memory>
#include <vector>

#include "grader/scenarios/lock_service/history.h"
#include "grader/scenarios/lock_service/listener.h"
#include "grader/scenarios/lock_service/walker.h"

namespace quorum::grader::locks {

/// Users of all libraries of a room, one each, who do what the seed draws and listen to what they
/// are told. It has to live as long as the world is run.
class Crowd {
 public:
  /// Each does so many things, of those that `what` has, or of all; they begin at once.
  Crowd(LockRoom& room, int operations, const std::vector<const char*>& what = {});

  /// Everyone must come to an end.
  void DemandDone();

 private:
  LockRoom& room_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Walker>> walkers_;
};

/// A room of so many clients; the seed draws how many servers there are, over which log, and how
/// often they take snapshots.
LockRoom::Options DrawOptions(Stage& stage, int clients);
/// Faults that hit clients, too.
faults::Scope WithClients(const LockRoom& room);
/// Lets things go wrong for a while, and mends everything.
void LetThingsGoWrong(LockRoom& room, faults::Scope scope, sim::SimTime duration);
/// Every client writes, and locks what nobody else has ever wanted.
void DemandLocks(LockRoom& room);

}  // namespace quorum::grader::locks
