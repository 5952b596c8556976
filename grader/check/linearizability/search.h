#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "grader/check/linearizability/configuration_set.h"
#include "grader/check/linearizability/key_history.h"
#include "grader/check/linearizability/linearizability.h"
#include "grader/check/linearizability/thinning.h"
#include "grader/check/linearizability/under_way.h"

namespace quorum::check {

/// Looks for a legal order of the operations of one key.
///
/// It goes through the calls and returns in the order of time and keeps the *frontier*: every
/// configuration (the value, and which of the moves under way are placed) that some order of the
/// moves so far leads to. Moves are placed just in time: when a move returns that is not placed
/// yet, each configuration is continued by those sequences of moves under way that end with it
/// (Lowe, "Testing for linearizability", 2017). No configuration left: there is no legal order.
/// Equal configurations are merged, as in Lowe's addition of a cache to Wing and Gong ("Testing and
/// verifying concurrent objects", 1993). What else keeps the frontier small, without a loss:
/// - a move that only looks is placed as soon as the value allows it;
/// - a put that nobody looked at is not placed at all if it can hide just before a later put;
/// - a put that only moves under way look at is placed with them right before some other put;
/// - all values that nobody looks for are one value (`ValueSpace`), and of moves with the same
///   effect only the most urgent one is tried (`UnderWay::Next`);
/// - of two configurations of which one allows all that the other does, that one stays
///   (`Thinning`);
/// - a *hint*: a get that returns within the next few events and needs a value that is gone for
///   good ends a configuration at once. A value written once thereby tells which put a get saw, and
///   that of an append log in which order the appends came.
/// A frontier that grows too wide is cut: one part goes ahead, and the others wait until it has
/// failed. The search is then depth first, and remembers every configuration that it has seen.
class Search {
 public:
  /// Neither `key` nor `spent` is copied. Steps are added to `spent`, and the search stops when
  /// they exceed those of `limit`, or when it holds more bytes than that.
  Search(const KeyHistory& key, const Budget& limit, Budget& spent)
      : Search(key, limit, spent, Tuning()) {}

  /// What changes the cost of a search and never its answer; small values are for tests.
  struct Tuning {
    /// How far ahead, in instants, hints look. Farther prunes hardly more, and the longest legal
    /// prefix is searched within this distance of where the frontier came to nothing.
    std::uint32_t sight = 256;
    /// How wide a frontier may be before it is cut; at least 2.
    std::uint32_t width = 4096;
  };
  Search(const KeyHistory& key, const Budget& limit, Budget& spent, const Tuning& tuning);

  enum class Outcome : std::uint8_t { kLegal, kIllegal, kOutOfSteps, kOutOfBytes };

  /// Decides whether the whole history has a legal order.
  Outcome Run();

  /// From now on the search may spend this.
  void Raise(const Budget& limit) { limit_ = limit; }

  /// For after `Run` has found none: the move that ends the longest prefix with a legal order.
  struct Culprit {
    std::uint32_t move;
    bool exact;  ///< False when the budget did not suffice: it is this one or one that ends later.
  };
  Culprit FindCulprit();

  /// A legal order of all that happens before the end of `culprit`. Empty when the budget does not
  /// suffice.
  std::vector<std::uint32_t> OrderBefore(std::uint32_t culprit);

 private:
  // Configurations at the instant just before an event.
  struct Layer {
    std::size_t position;
    ConfigurationSet configurations;
  };
  struct TrailStep {
    std::uint32_t move;
    bool hidden;  // Its place is just before the last put so far.
    std::uint64_t before;
  };

  Outcome RunFrom(const Layer& start, std::uint32_t stop);
  Layer Start() const;
  void Seek(std::size_t position);
  Outcome Advance(std::uint32_t ending);
  bool Backtrack();
  void Cut();
  void Remember();

  void Enter(Configuration configuration, std::uint32_t ending);
  Outcome Expand(Configuration configuration, std::uint32_t ending);
  void TryMove(Configuration configuration, std::uint32_t index, std::uint32_t ending);
  bool Pointless(Configuration configuration, std::uint32_t index, Point to,
                 std::uint32_t ending) const;
  void Look(Configuration configuration);
  void SettleBeforePut(Configuration configuration, Point next);
  // Both say whether the configuration is new.
  bool Emit(Configuration configuration, std::uint32_t ending);
  bool Enqueue(Configuration configuration);
  void Record(Configuration configuration, std::uint32_t move, bool hidden);

  bool Doomed(Configuration configuration, TreeNode lost, Point kept, std::uint32_t except) const;
  bool CanReturn(Configuration configuration, TreeNode node, std::uint32_t except) const;

  const Move& MoveAt(std::uint32_t index) const { return key_.moves()[index]; }
  Outcome Spend(std::uint64_t steps);
  std::size_t Bytes() const;
  std::vector<std::uint32_t> OrderOf(std::uint64_t trail) const;

  const KeyHistory& key_;
  const Tuning tuning_;
  Budget limit_;
  Budget& spent_;
  std::size_t words_;
  UnderWay under_way_;
  Thinning thinning_;

  std::size_t position_ = 0;   // The event that is next.
  std::uint32_t now_ = 0;      // Its instant.
  std::uint32_t stop_ = 0;     // The instant at which to stop.
  std::uint32_t reached_ = 0;  // The last instant at which a part of the frontier came to nothing.
  ConfigurationSet layer_;
  ConfigurationSet next_;
  ConfigurationSet open_;               // Those that have yet to place the move that ends now.
  std::vector<std::uint32_t> queue_;    // Indices in `open_`.
  std::vector<std::uint64_t> current_;  // The words of the configuration at hand,
  std::vector<std::uint64_t> variant_;  // and of one made from it.

  std::vector<Layer> waiting_;                    // What was cut off.
  std::map<std::size_t, ConfigurationSet> seen_;  // By position; kept since the first cut.
  std::size_t kept_bytes_ = 0;                    // Of the two.
  bool cut_ = false;
  std::deque<Layer> checkpoints_;

  bool recording_ = false;
  std::vector<TrailStep> trail_;
};

}  // namespace quorum::check
