#include "grader/scenarios/hash_ring/played_ring.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <set>
#include <utility>

#include "grader/scenarios/hash_ring/ring_statements.h"

namespace quorum::grader {

using hash_ring::HashRing;
using hash_ring::RingMember;

std::uint64_t MixedHash(std::string_view text, std::uint64_t salt) {
  return XXH64(text.data(), text.size(), salt);
}

hash_ring::Hash PlacedAt(std::map<std::string, std::uint64_t> positions) {
  return [positions = std::move(positions)](std::string_view text) {
    const auto placed = positions.find(std::string(text));
    return placed != positions.end() ? placed->second : MixedHash(text, 0);
  };
}

std::vector<std::string> NodeNames(std::size_t count, std::uint64_t first) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("node{}", first + i));
  return names;
}

std::vector<std::string> DrawKeys(sim::Rng& random, std::size_t count) {
  std::vector<std::string> keys = {""};  // any text is a key
  while (keys.size() < count) {
    std::string key = random.Chance(500'000) ? "user:" : "";
    for (std::uint64_t length = 1 + random.Below(20); length > 0; --length) {
      key += static_cast<char>('!' + random.Below(94));
    }
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(std::move(key));
  }
  return keys;
}

void AddOp(Ops* ops, std::string op, std::string key, std::uint64_t value, std::uint32_t client) {
  faults::ClientOp& added = *ops->Add();
  added.set_client(client);
  added.set_op(std::move(op));
  added.set_key(std::move(key));
  added.set_value(std::to_string(value));
}

std::string Quoted(std::string_view text) { return fmt::format("\"{}\"", text); }

std::string Hex(std::uint64_t position) { return fmt::format("{:#018x}", position); }

std::string ListOf(const std::vector<std::string>& names) {
  return fmt::format("[{}]", fmt::join(names, ", "));
}

std::string Code(const absl::Status& status) {
  return std::string(absl::StatusCodeToString(status.code()));
}

std::string TextOf(const std::vector<RingMember>& members) {
  std::vector<std::string> parts;
  for (const RingMember& member : members) {
    parts.push_back(fmt::format("{}:{}", member.name, member.weight));
  }
  return ListOf(parts);
}

std::string Difference(const Placement& theirs, const Placement& ours) {
  for (const auto& [item, node] : ours) {
    const auto found = theirs.find(item);
    if (found == theirs.end() || found->second != node) {
      return fmt::format("{} is {}, and belongs on {}.", Quoted(item),
                         found == theirs.end() ? "nowhere" : "on " + Quoted(found->second),
                         Quoted(node));
    }
  }
  return theirs.size() == ours.size() ? "" : "there is one too many.";
}

PlayedRing::PlayedRing(Stage& stage, const hash_ring::RingOptions& options, std::string name)
    : stage_(stage), name_(std::move(name)), model_(options) {
  std::string text = ".scheme = kKetama";
  if (options.scheme == hash_ring::Scheme::kHash) {
    text = fmt::format(".points_per_unit = {}{}", options.points_per_unit,
                       options.hash ? ", .hash = the grader's" : "");
  }
  stage.Step(fmt::format("{} = MakeHashRing({{{}}})", name_, text));
  ring_ = stage.part<hash_ring::RingFactory>(hash_ring::kRingRole,
                                             hash_ring::kRingFactoryType)(options);
}

void PlayedRing::RequireSameCode(const std::string& call, const absl::Status& theirs,
                                 const absl::Status& ours) const {
  stage_.Step(fmt::format("{} -> {}", call, Code(theirs)));
  stage_.Require(ring_statements::kAnswers, theirs.code() == ours.code(),
                 fmt::format("{} answered {}, not {} ({}).", call, Code(theirs), Code(ours),
                             std::string(ours.message())));
}

absl::StatusCode PlayedRing::Add(std::string_view name, std::uint32_t weight) {
  const absl::Status ours = model_.Add(name, weight);
  RequireSameCode(fmt::format("{}->Add({}, {})", name_, Quoted(name), weight),
                  ring_->Add(name, weight), ours);
  return ours.code();
}

absl::StatusCode PlayedRing::Remove(std::string_view name) {
  const absl::Status ours = model_.Remove(name);
  RequireSameCode(fmt::format("{}->Remove({})", name_, Quoted(name)), ring_->Remove(name), ours);
  return ours.code();
}

absl::StatusCode PlayedRing::Play(const faults::ClientOp& op) {
  if (op.op() == "remove") return Remove(op.key());
  return Add(op.key(), static_cast<std::uint32_t>(std::stoul(op.value())));
}

void PlayedRing::CheckMembers() const {
  const std::vector<RingMember> theirs = ring_->Members();
  stage_.Require(ring_statements::kAnswers, theirs == model_.Members(),
                 fmt::format("{}->Members() answered {}; added and not removed, by name, are {}.",
                             name_, TextOf(theirs), MembersText()));
}

void PlayedRing::CheckEmpty() const {
  const absl::Status owner = ring_->Owner("key").status();
  stage_.Require(ring_statements::kAnswers, absl::IsFailedPrecondition(owner),
                 fmt::format("{}->Owner(\"key\") answered {}, not FAILED_PRECONDITION, on a ring "
                             "without members.",
                             name_, Code(owner)));
  const std::vector<std::string> list = ring_->PreferenceList("key", 3);
  stage_.Require(
      ring_statements::kAnswers, list.empty(),
      fmt::format("{}->PreferenceList(\"key\", 3) answered {} on a ring without members.", name_,
                  ListOf(list)));
}

std::string PlayedRing::Owner(std::string_view key) const {
  absl::StatusOr<std::string> owner = ring_->Owner(key);
  if (!owner.ok() || !model_.Has(*owner)) {
    stage_.Require(
        ring_statements::kAnswers, false,
        fmt::format("{}->Owner({}) answered {}, in a ring with members.", name_, Quoted(key),
                    owner.ok() ? Quoted(*owner) + ", no member" : Code(owner.status())));
  }
  return *std::move(owner);
}

std::vector<std::string> PlayedRing::List(std::string_view key, std::size_t n) const {
  std::vector<std::string> list = ring_->PreferenceList(key, n);
  const std::set<std::string_view> distinct(list.begin(), list.end());
  if (list.size() == std::min(n, model_.size()) && distinct.size() == list.size()) return list;
  stage_.Require(ring_statements::kDistinctNodes, false,
                 fmt::format("{}->PreferenceList({}, {}) answered {}, in a ring of {} nodes. {}",
                             name_, Quoted(key), n, ListOf(list), model_.size(),
                             distinct.size() < list.size()
                                 ? "Neighbouring points may be of one node: skip those of nodes "
                                   "that are in the list."
                                 : "It has min(n, members) nodes."));
  return list;
}

void PlayedRing::CheckOwner(std::string_view key, const Statement& statement) const {
  const std::string theirs = Owner(key);
  const std::uint64_t position = model_.PositionOf(key);
  const RingModel::Point& point = model_.FirstPoint(position);
  if (theirs == point.second) return;
  const char* how = point.first < position ? "there is none at or after it, so the first one of all"
                    : point.first == position ? "a point lies just there, and it"
                                              : "the first point after it";
  stage_.Require(statement, false,
                 fmt::format("{}->Owner({}) answered {}, not {}. The key lies at {}; {} is that of "
                             "{} at {}.",
                             name_, Quoted(key), Quoted(theirs), Quoted(point.second),
                             Hex(position), how, Quoted(point.second), Hex(point.first)));
}

void PlayedRing::CheckList(std::string_view key, std::size_t n) const {
  const std::vector<std::string> theirs = List(key, n);
  const std::vector<std::string> ours = model_.PreferenceList(key, n);
  if (theirs == ours) return;
  stage_.Require(
      ring_statements::kDistinctNodes, false,
      fmt::format("{}->PreferenceList({}, {}) answered {}, not {}. The key lies at {}.", name_,
                  Quoted(key), n, ListOf(theirs), ListOf(ours), Hex(model_.PositionOf(key))));
}

Placement PlayedRing::Owners(const std::vector<std::string>& keys) const {
  Placement owners;
  for (const std::string& key : keys) {
    const std::string owner = Owner(key);
    stage_.Record(MixedHash(owner, 0));
    owners.emplace(key, owner);
  }
  return owners;
}

}  // namespace quorum::grader
