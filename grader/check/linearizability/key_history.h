#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "grader/check/linearizability/history.h"
#include "grader/check/linearizability/value_space.h"

namespace quorum::check {

/// What an operation does to the value, as the search sees it.
enum class MoveKind : std::uint8_t {
  kSee,     ///< Needs the value `from` and leaves it: a get, or a cas that changes nothing.
  kAvoid,   ///< Needs any value but `from`, and leaves it: a cas that did not find what it expects.
  kPut,     ///< Makes it `to`.
  kAppend,  ///< Adds `text`.
  kCas,     ///< Needs `from` and makes it `to`.
};

/// One operation of a key.
struct Move {
  MoveKind kind = MoveKind::kSee;
  /// The outcome is unknown: it need not happen.
  bool optional = false;
  Point from = kNowhere;
  Point to = kNowhere;
  std::string_view text;
  /// The instants (see `Event`) between which it happens: the call and the return. An optional one
  /// ends when it can no longer make a difference.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  /// Its place among those under way: no two that overlap share one.
  std::uint32_t slot = 0;
  /// Moves with the same effect are one family.
  std::uint32_t family = 0;
  /// Its place in the history.
  std::uint32_t operation = 0;

  bool looks() const { return kind == MoveKind::kSee || kind == MoveKind::kAvoid; }
  /// Whether it can always happen, so that it can also hide just before a put.
  bool blind() const { return kind == MoveKind::kPut || kind == MoveKind::kAppend; }
  /// Whether it needs one certain value.
  bool needs() const { return kind == MoveKind::kSee || kind == MoveKind::kCas; }
  /// Whether it makes the value `to` whatever it appends to.
  bool resets() const { return kind == MoveKind::kPut || kind == MoveKind::kCas; }
};

/// A move begins or ends. `at` counts the events of the key in the order of time: calls and returns
/// have even numbers; the ends of optional moves follow at odd ones.
struct Event {
  std::uint32_t at;
  std::uint32_t move;
  bool begins;
};

/// The operations of one key, made ready for the search. Gets with unknown outcome are left out.
class KeyHistory {
 public:
  /// `operations` are the places in `history` of those of the key. The history must stay.
  KeyHistory(const History& history, std::span<const std::uint32_t> operations, Model model);
  KeyHistory(const KeyHistory&) = delete;
  KeyHistory& operator=(const KeyHistory&) = delete;

  const ValueSpace& space() const { return space_; }
  const std::vector<Move>& moves() const { return moves_; }
  /// In the order of time; of those at one instant, the calls first, so that ties overlap.
  const std::vector<Event>& events() const { return events_; }
  std::uint32_t slots() const { return slots_; }
  std::uint32_t families() const { return families_; }

  /// The moves that must happen and need a certain value, in the order of their ends.
  const std::vector<std::uint32_t>& needs() const { return needs_; }
  /// How many of them end at `at` or before.
  std::uint32_t NeedsUntil(std::uint32_t at) const { return needs_until_[at]; }
  /// The last instant to which it makes a difference whether the value is at a point of `node`, or
  /// below it.
  std::uint32_t RelevantUntil(TreeNode node) const { return relevant_until_[node]; }
  /// The last call of a move that makes the value one at, above or below `node`.
  std::uint32_t LastReset(TreeNode node) const { return last_reset_[node]; }
  /// The last instant to which it makes a difference whether the value is *not* at or below `node`.
  std::uint32_t AvoidedUntil(TreeNode node) const { return avoided_until_[node]; }
  /// Whether from `at` on the value of `node` matters only to lookers that have begun by then, so
  /// that they may as well all see it right before some put. Never says so under appends.
  bool Settled(TreeNode node, std::uint32_t at) const { return settled_from_[node] < at; }
  /// The family of the puts of the value of `node`, or `kNoFamily`.
  std::uint32_t PutsOf(TreeNode node) const { return puts_of_[node]; }

  static constexpr std::uint32_t kNoFamily = ~std::uint32_t{0};

 private:
  std::vector<Point> MakeSpace(const History& history, std::span<const std::uint32_t> operations);
  void MakeMoves(const History& history, std::span<const std::uint32_t> operations,
                 const std::vector<Point>& wanted);
  void OrderEvents(const History& history);
  void FindRelevance();
  void SpreadOverExchanges();
  void EndOptionalMoves();
  void AssignSlots();
  void AssignFamilies();
  void FindSettled();
  void ListNeeds();
  void FindResets();

  ValueSpace space_;
  std::vector<Move> moves_;
  std::vector<Event> events_;
  std::vector<std::uint32_t> needs_;
  std::vector<std::uint32_t> needs_until_;
  std::vector<std::uint32_t> relevant_until_;
  std::vector<std::uint32_t> last_reset_;
  std::vector<std::uint32_t> avoided_until_;
  std::vector<std::uint32_t> settled_from_;
  std::vector<std::uint32_t> puts_of_;
  std::uint32_t slots_ = 0;
  std::uint32_t families_ = 0;
};

}  // namespace quorum::check
