#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "grader/scenarios/hash_ring/ring_model.h"
#include "grader/scenarios/stage.h"
#include "labs/lab1_hash_ring/hash_ring.h"

namespace quorum::grader {

/// A good hash, and not the lab's: a family of them, by salt.
std::uint64_t MixedHash(std::string_view text, std::uint64_t salt);

/// A hash under which chosen texts lie where the scenario wants them.
hash_ring::Hash PlacedAt(std::map<std::string, std::uint64_t> positions);

/// "node<first>" and so on: consecutive names, as operators give them.
std::vector<std::string> NodeNames(std::size_t count, std::uint64_t first = 0);

template <class T>
T Pick(sim::Rng& random, const std::vector<T>& from) {
  return from[random.Below(from.size())];
}

template <class T>
std::vector<T> Shuffled(sim::Rng& random, std::vector<T> all) {
  for (std::size_t i = all.size(); i > 1; --i) {
    std::swap(all[i - 1], all[random.Below(i)]);
  }
  return all;
}

/// Different keys of various lengths and shapes, the empty one among them.
std::vector<std::string> DrawKeys(sim::Rng& random, std::size_t count);

/// The operations of a run are part of its plan, so that a failing run shrinks to the few that
/// matter. `op` names a call; `value` is a weight.
using Ops = google::protobuf::RepeatedPtrField<faults::ClientOp>;
void AddOp(Ops* ops, std::string op, std::string key, std::uint64_t value = 1,
           std::uint32_t client = 0);

/// Texts as they stand in narration and details.
std::string Quoted(std::string_view text);
std::string Hex(std::uint64_t position);
std::string ListOf(const std::vector<std::string>& names);
std::string Code(const absl::Status& status);
std::string TextOf(const std::vector<hash_ring::RingMember>& members);

/// Which node each of a number of keys or items is on.
using Placement = std::map<std::string, std::string>;
/// How `theirs` differs from `ours`, in words; empty when they are equal.
std::string Difference(const Placement& theirs, const Placement& ours);

/// The implementation's ring and the model of it, side by side. Each change is narrated and played
/// on both; each check ends the run when they differ, and says why the model is right.
class PlayedRing {
 public:
  PlayedRing(Stage& stage, const hash_ring::RingOptions& options, std::string name = "ring");

  /// Adds, or tries to. Both must answer with the same status code, which is returned.
  absl::StatusCode Add(std::string_view name, std::uint32_t weight = 1);
  absl::StatusCode Remove(std::string_view name);
  /// The operations "add" and "remove".
  absl::StatusCode Play(const faults::ClientOp& op);

  /// `Members()` is the set of those added and not removed, by name.
  void CheckMembers() const;

  /// Lookups in a ring without members have their own answers.
  void CheckEmpty() const;

  /// What the implementation says; ends the run if it is an error or no member.
  std::string Owner(std::string_view key) const;
  std::vector<std::string> List(std::string_view key, std::size_t n) const;

  /// The owner is that of the first point clockwise.
  void CheckOwner(std::string_view key, const Statement& statement) const;
  /// The preference list has the first distinct nodes clockwise.
  void CheckList(std::string_view key, std::size_t n) const;

  /// Owners of many keys, for comparing two moments; recorded, because they must be the same in
  /// every process.
  Placement Owners(const std::vector<std::string>& keys) const;

  /// "[a:1, b:2]"
  std::string MembersText() const { return TextOf(model_.Members()); }
  const RingModel& model() const { return model_; }

 private:
  void RequireSameCode(const std::string& call, const absl::Status& theirs,
                       const absl::Status& ours) const;

  Stage& stage_;
  std::string name_;
  RingModel model_;
  std::unique_ptr<hash_ring::HashRing> ring_;
};

}  // namespace quorum::grader
