#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "grader/scenarios/hash_ring/cache_room.h"
#include "grader/scenarios/paxos/ring_rules.h"
#include "grader/scenarios/paxos/rules.h"
#include "grader/scenarios/stage.h"

namespace quorum::grader::paxos {

/// The cache of lab 1, and administrators who decide its rings by a log.
class AuthorityRoom {
 public:
  struct Options {
    int administrators = 3;
    cache::RoomOptions cache = {};
  };
  AuthorityRoom(Stage& stage, const Options& options);
  ~AuthorityRoom();

  Stage& stage() { return stage_; }
  sim::World& world() { return stage_.world(); }
  cache::CacheRoom& cache() { return cache_; }
  Ledger& ledger() { return ledger_; }
  std::vector<NodeId> administrators() const;
  /// Who has proposed last; 0: nobody yet. To steer by.
  NodeId leader() const;
  /// How many nodes of the cache are, or were, in this epoch or a later one.
  int Entered(std::uint64_t epoch) const;

  /// What an operator was told of its ring.
  struct Answer {
    bool given = false;
    bool installed = false;
    Ring last;  ///< if refused: the last ring that was decided
  };
  /// An operator asks for `ring`, again and again, one of `administrators` after another, until it
  /// is told what became of it.
  std::shared_ptr<const Answer> Ask(const std::vector<NodeId>& administrators, const Ring& ring,
                                    std::function<void()> then = {});
  /// From now on every operator may ask every administrator.
  void LetAskEveryone();

  /// The ring after `last`, with these members.
  static Ring After(const Ring& last, const std::vector<NodeId>& members);

  /// Ends all faults; demands that all operators get their answers, and that a further ring, of all
  /// nodes, can be installed.
  void HealAndDemandProgress();

 private:
  class Witness;
  class Operator;

  bool AllAnswered() const;

  Stage& stage_;
  const Options options_;
  Ledger ledger_;
  Watch watch_;
  cache::CacheRoom cache_;
  std::unique_ptr<Witness> witness_;
  std::deque<std::unique_ptr<Operator>> operators_;
};

/// One of them, in a file of its own.
Scenario LateAdministrator();

/// The graded tests of part 2E.
std::vector<Scenario> AuthorityScenarios();

}  // namespace quorum::grader::paxos
