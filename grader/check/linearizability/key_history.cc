#include "grader/check/linearizability/key_history.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/env/check.h"

namespace quorum::check {
namespace {

bool Appends(const History& history, std::span<const std::uint32_t> operations) {
  return std::any_of(operations.begin(), operations.end(),
                     [&](std::uint32_t i) { return history[i].op == OpKind::kAppend; });
}

void RaiseTo(std::uint32_t& value, std::uint32_t other) { value = std::max(value, other); }

}  // namespace

KeyHistory::KeyHistory(const History& history, std::span<const std::uint32_t> operations,
                       Model model)
    : space_(model, Appends(history, operations)) {
  MakeMoves(history, operations, MakeSpace(history, operations));
  OrderEvents(history);
  FindRelevance();
  EndOptionalMoves();
  AssignSlots();
  AssignFamilies();
  FindSettled();
  ListNeeds();
  FindResets();
}

std::vector<Point> KeyHistory::MakeSpace(const History& history,
                                         std::span<const std::uint32_t> operations) {
  std::vector<Point> wanted;
  wanted.reserve(operations.size());
  for (const std::uint32_t i : operations) {
    const Operation& op = history[i];
    if (op.op == OpKind::kGet && op.ret.has_value()) {
      wanted.push_back(space_.Add(op.result));
    } else {
      wanted.push_back(op.op == OpKind::kCas ? space_.Add(op.expect) : kNowhere);
    }
  }
  space_.Seal();
  return wanted;
}

// `wanted` has the value that each operation looks for.
void KeyHistory::MakeMoves(const History& history, std::span<const std::uint32_t> operations,
                           const std::vector<Point>& wanted) {
  moves_.reserve(operations.size());
  for (std::size_t k = 0; k < operations.size(); ++k) {
    const std::uint32_t i = operations[k];
    const Operation& op = history[i];
    Check(!op.ret.has_value() || *op.ret >= op.call, "No operation returns before its call.");
    Move move;
    move.operation = i;
    move.from = wanted[k];
    move.optional = !op.ret.has_value();
    switch (op.op) {
      case OpKind::kGet:
        move.kind = MoveKind::kSee;
        break;
      case OpKind::kPut:
        move.kind = MoveKind::kPut;
        move.to = space_.Find(op.value);
        break;
      case OpKind::kAppend:
        move.kind = MoveKind::kAppend;
        move.text = op.value;
        break;
      case OpKind::kCas:
        move.to = space_.Find(op.value);
        move.kind = move.from == move.to ? MoveKind::kSee : MoveKind::kCas;
        if (!move.optional && !op.swapped) {
          move.kind = MoveKind::kAvoid;
        }
        break;
    }
    if (!move.optional || !move.looks()) {  // A look that nobody saw makes no difference.
      moves_.push_back(move);
    }
  }
}

void KeyHistory::OrderEvents(const History& history) {
  std::vector<std::tuple<std::int64_t, bool, std::uint32_t>> order;  // instant, is a return, move
  order.reserve(2 * moves_.size());
  for (std::uint32_t i = 0; i < moves_.size(); ++i) {
    const Operation& op = history[moves_[i].operation];
    order.emplace_back(op.call, false, i);
    if (op.ret.has_value()) {
      order.emplace_back(*op.ret, true, i);
    }
  }
  std::sort(order.begin(), order.end());
  events_.reserve(2 * moves_.size());
  for (const auto& [instant, returns, move] : order) {
    const auto at = static_cast<std::uint32_t>(2 * events_.size() + 2);
    (returns ? moves_[move].end : moves_[move].begin) = at;
    events_.push_back({at, move, !returns});
  }
}

void KeyHistory::FindRelevance() {
  relevant_until_.assign(space_.size(), 0);
  avoided_until_.assign(space_.size(), 0);
  for (const Move& move : moves_) {
    if (!move.optional && (move.needs() || move.looks())) {
      RaiseTo(relevant_until_[NodeOf(move.from)], move.end);
    }
    if (move.kind == MoveKind::kAvoid) {
      RaiseTo(avoided_until_[NodeOf(move.from)], move.end);
    }
  }
  for (std::size_t i = space_.size(); i-- > 0;) {
    const TreeNode node = space_.top_down()[i];
    RaiseTo(relevant_until_[space_.Above(node)], relevant_until_[node]);
    RaiseTo(avoided_until_[space_.Above(node)], avoided_until_[node]);
  }
  SpreadOverExchanges();
}

// A value that an optional cas turns into a relevant one is relevant itself.
void KeyHistory::SpreadOverExchanges() {
  absl::flat_hash_map<TreeNode, std::vector<TreeNode>> sources;
  for (const Move& move : moves_) {
    if (move.optional && move.kind == MoveKind::kCas && move.to != kNowhere) {
      sources[NodeOf(move.to)].push_back(NodeOf(move.from));
    }
  }
  if (space_.appends() && !sources.empty()) {  // Rare: not worth being exact.
    std::fill(relevant_until_.begin(), relevant_until_.end(), events_.back().at);
    return;
  }
  std::priority_queue<std::pair<std::uint32_t, TreeNode>> open;
  for (const auto& [to, unused] : sources) {  // The queue makes the order irrelevant.
    open.emplace(relevant_until_[to], to);
  }
  while (!open.empty()) {
    const auto [until, to] = open.top();
    open.pop();
    const auto found = sources.find(to);
    if (found == sources.end() || until < relevant_until_[to]) {
      continue;
    }
    for (const TreeNode from : found->second) {
      if (relevant_until_[from] < until) {
        relevant_until_[from] = until;
        open.emplace(until, from);
      }
    }
  }
}

// An optional move can make a wanted value, or get away from one that a cas must not have found. An
// append may do so through values that only later appends complete.
void KeyHistory::EndOptionalMoves() {
  const std::uint32_t last = *std::max_element(relevant_until_.begin(), relevant_until_.end());
  const std::uint32_t avoided = *std::max_element(avoided_until_.begin(), avoided_until_.end());
  std::vector<Event> ends;
  for (std::uint32_t i = 0; i < moves_.size(); ++i) {
    Move& move = moves_[i];
    if (move.optional) {
      std::uint32_t until =
          move.kind == MoveKind::kCas ? avoided_until_[NodeOf(move.from)] : avoided;
      if (move.kind == MoveKind::kAppend) {
        RaiseTo(until, last);
      } else if (move.to != kNowhere) {
        RaiseTo(until, relevant_until_[NodeOf(move.to)]);
      }
      move.end = until > move.begin ? until + 1 : 0;
      if (move.end != 0) {
        ends.push_back({move.end, i, false});
      }
    }
  }
  const auto before = [](const Event& a, const Event& b) { return a.at < b.at; };
  std::erase_if(events_, [&](const Event& event) { return moves_[event.move].end == 0; });
  std::stable_sort(ends.begin(), ends.end(), before);
  std::vector<Event> all;
  all.reserve(events_.size() + ends.size());
  std::merge(events_.begin(), events_.end(), ends.begin(), ends.end(), std::back_inserter(all),
             before);
  events_ = std::move(all);
}

void KeyHistory::AssignSlots() {
  std::vector<std::uint32_t> unused;
  for (const Event& event : events_) {
    if (!event.begins) {
      unused.push_back(moves_[event.move].slot);
      continue;
    }
    if (unused.empty()) {
      unused.push_back(slots_++);
    }
    moves_[event.move].slot = unused.back();
    unused.pop_back();
  }
}

void KeyHistory::AssignFamilies() {
  absl::flat_hash_map<std::tuple<MoveKind, Point, Point, std::string_view>, std::uint32_t> known;
  for (Move& move : moves_) {
    if (!move.looks()) {
      const auto key = std::make_tuple(move.kind, move.from, move.to, move.text);
      move.family = known.try_emplace(key, families_).first->second;
      families_ = static_cast<std::uint32_t>(known.size());
    }
  }
}

void KeyHistory::FindSettled() {
  puts_of_.assign(space_.size(), kNoFamily);
  // A put that makes a cas fail is of use even if nobody looks at it.
  const std::uint32_t avoided = *std::max_element(avoided_until_.begin(), avoided_until_.end());
  settled_from_.assign(space_.size(), space_.appends() ? ~std::uint32_t{0} : avoided);
  for (const Move& move : moves_) {
    if (move.kind == MoveKind::kPut && move.to != kNowhere) {
      puts_of_[NodeOf(move.to)] = move.family;
    } else if (move.kind == MoveKind::kSee) {
      RaiseTo(settled_from_[NodeOf(move.from)], move.begin);
    } else if (move.kind == MoveKind::kCas) {
      RaiseTo(settled_from_[NodeOf(move.from)], move.end);
    }
  }
}

void KeyHistory::ListNeeds() {
  needs_until_.assign(events_.empty() ? 1 : events_.back().at + 1, 0);
  for (const Event& event : events_) {
    const Move& move = moves_[event.move];
    if (!event.begins && move.needs() && !move.optional) {
      needs_.push_back(event.move);
    }
    needs_until_[event.at] = static_cast<std::uint32_t>(needs_.size());
  }
  for (std::size_t at = 1; at < needs_until_.size(); ++at) {
    RaiseTo(needs_until_[at], needs_until_[at - 1]);
  }
}

void KeyHistory::FindResets() {
  std::vector<std::uint32_t> below(space_.size(), 0);
  for (const Move& move : moves_) {
    if (move.resets() && move.to != kNowhere && move.end != 0) {
      RaiseTo(below[NodeOf(move.to)], move.begin);
    }
  }
  std::vector<std::uint32_t> above = below;
  const std::vector<TreeNode>& order = space_.top_down();
  for (const TreeNode node : order) {
    RaiseTo(above[node], above[space_.Above(node)]);
  }
  for (std::size_t i = order.size(); i-- > 0;) {
    RaiseTo(below[space_.Above(order[i])], below[order[i]]);
  }
  last_reset_ = std::move(below);
  for (TreeNode node = 0; node < space_.size(); ++node) {
    RaiseTo(last_reset_[node], above[node]);
  }
}

}  // namespace quorum::check
