#include "grader/check/linearizability/under_way.h"

#include <algorithm>

namespace quorum::check {

UnderWay::UnderWay(const KeyHistory& key)
    : key_(key),
      looker_slots_((key.slots() + 63) / 64, 0),
      optional_slots_(looker_slots_),
      members_(key.families()),
      exchanges_(key.space().size(), 0) {}

void UnderWay::List(const Move& move, bool begins) {
  const std::uint64_t bit = std::uint64_t{1} << (move.slot % 64);
  if (move.looks()) {
    looker_slots_[move.slot / 64] ^= bit;
  } else if (move.optional) {
    optional_slots_[move.slot / 64] ^= bit;
  } else if (move.blind() && begins) {
    required_blind_.push_back(&move);
  } else if (move.blind()) {
    required_blind_.erase(std::find(required_blind_.begin(), required_blind_.end(), &move));
  }
}

// Differences are modulo 2^32.
void UnderWay::Count(const Move& move, std::uint32_t difference) {
  if (move.kind == MoveKind::kAppend) {
    appends_ += difference;
  } else if (move.kind == MoveKind::kCas) {
    exchanges_[NodeOf(move.from)] += difference;
  }
}

void UnderWay::Begin(std::uint32_t index) {
  const Move& move = key_.moves()[index];
  List(move, /*begins=*/true);
  if (move.looks()) {
    lookers_.push_back(index);
    return;
  }
  Count(move, 1);
  Family& family = members_[move.family];
  if (family.position == kNone) {
    family.position = static_cast<std::uint32_t>(families_.size());
    families_.push_back(move.family);
  }
  if (move.optional) {
    family.optional.push_back(index);
    return;
  }
  const auto later = std::find_if(family.required.begin(), family.required.end(),
                                  [&](auto other) { return key_.moves()[other].end > move.end; });
  family.required.insert(later, index);
}

void UnderWay::End(std::uint32_t index) {
  const Move& move = key_.moves()[index];
  List(move, /*begins=*/false);
  if (move.looks()) {
    lookers_.erase(std::find(lookers_.begin(), lookers_.end(), index));
    return;
  }
  Count(move, ~std::uint32_t{0});
  Family& family = members_[move.family];
  auto& members = move.optional ? family.optional : family.required;
  members.erase(std::find(members.begin(), members.end(), index));
  if (family.required.empty() && family.optional.empty()) {
    const std::uint32_t last = families_.back();
    members_[last].position = family.position;
    families_[family.position] = last;
    families_.pop_back();
    family.position = kNone;
  }
}

void UnderWay::Clear() {
  lookers_.clear();
  required_blind_.clear();
  std::fill(looker_slots_.begin(), looker_slots_.end(), 0);
  std::fill(optional_slots_.begin(), optional_slots_.end(), 0);
  appends_ = 0;
  std::fill(exchanges_.begin(), exchanges_.end(), 0);
  for (const std::uint32_t family : families_) {
    members_[family] = Family();
  }
  families_.clear();
}

const Move& UnderWay::Representative(std::uint32_t index) const {
  const Family& family = members_[index];
  return key_.moves()[family.required.empty() ? family.optional.front() : family.required.front()];
}

std::uint32_t UnderWay::FirstOptional(const Family& family, Configuration configuration) const {
  const auto first = std::partition_point(
      family.optional.begin(), family.optional.end(),
      [&](std::uint32_t index) { return configuration.placed(key_.moves()[index].slot); });
  return first == family.optional.end() ? kNone : *first;
}

UnderWay::Candidates UnderWay::Next(std::uint32_t index, Configuration configuration) const {
  const Family& family = members_[index];
  Candidates next{.owed = kNone, .spare = kNone};
  for (const std::uint32_t member : family.required) {
    const Move& move = key_.moves()[member];
    if (configuration.placed(move.slot)) {
      continue;
    }
    std::uint32_t& place = Hidden(move, configuration) ? next.spare : next.owed;
    if (place == kNone) {
      place = member;
    }
  }
  if (next.owed == kNone) {
    if (next.spare == kNone) {
      next.spare = FirstOptional(family, configuration);
    }
  } else if (next.spare != kNone && key_.moves()[next.spare].end > key_.moves()[next.owed].end) {
    next.spare = kNone;
  }
  return next;
}

std::uint32_t UnderWay::First(std::uint32_t index, Configuration configuration) const {
  const Family& family = members_[index];
  const auto first = std::find_if(
      family.required.begin(), family.required.end(),
      [&](std::uint32_t member) { return !configuration.placed(key_.moves()[member].slot); });
  return first == family.required.end() ? FirstOptional(family, configuration) : *first;
}

bool UnderWay::Left(std::uint32_t index, Configuration configuration, std::uint32_t except) const {
  const Family& family = members_[index];
  const auto left = [&](std::uint32_t member) {
    return member != except && !configuration.placed(key_.moves()[member].slot);
  };
  if (std::any_of(family.required.begin(), family.required.end(), left)) {
    return true;
  }
  const std::uint32_t optional = FirstOptional(family, configuration);
  return optional != kNone && (optional != except || family.optional.back() != optional);
}

}  // namespace quorum::check
