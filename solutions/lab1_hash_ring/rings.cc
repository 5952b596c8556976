#include "labs/lab1_hash_ring/rings.h"

#include <algorithm>
#include <set>
#include <string>

#include "common/env/check.h"
// [skeleton: #include "common/env/not_written.h"]

namespace quorum::hash_ring {
namespace {

constexpr std::string_view kNamePrefix = "node-";
constexpr std::uint32_t kDefaultReplicas = 3;
constexpr std::uint32_t kDefaultPoints = 64;

std::unique_ptr<HashRing> Build(const Ring& ring) {
  std::unique_ptr<HashRing> built = MakeHashRing({.points_per_unit = ring.points_per_unit()});
  for (const Member& member : ring.members()) {
    const absl::Status added = built->Add(NameOf(member.node()), member.weight());
    Check(added.ok(), "The members of a ring are different nodes of positive weight.");
  }
  return built;
}

}  // namespace

std::string NameOf(NodeId node) { return std::string(kNamePrefix) + std::to_string(node); }

NodeId NodeOf(const std::string& name) {
  return static_cast<NodeId>(std::stoul(name.substr(kNamePrefix.size())));
}

Rings::Rings(const RingHistory& history) : history_(history) {
  for (const Ring& ring : history_.rings()) rings_.push_back(Build(ring));
  if (rings_.size() > 1) arcs_ = FindArcs();
}

std::vector<NodeId> Rings::ReplicasIn(int ring, std::string_view key) const {
  // [solution: Take the preference list, and the ids from its names (handout 1C, step 1).]
  const std::uint32_t replicas = history_.rings(ring).replicas();
  std::vector<NodeId> nodes;
  for (const std::string& name : rings_[ring]->PreferenceList(key, replicas)) {
    nodes.push_back(NodeOf(name));
  }
  return nodes;
  // [end]
}

std::vector<NodeId> Rings::Replicas(std::string_view key) const {
  // [solution: Ask the last ring of the history (handout 1C, step 1).]
  return ReplicasIn(history_.rings_size() - 1, key);
  // [end]
}

ReplicaLists Rings::Lists(std::string_view key) const {
  // [solution: Make a list for each ring of the history (handout 1D, step 1).]
  ReplicaLists lists;
  for (int ring = 0; ring < history_.rings_size(); ++ring) lists.push_back(ReplicasIn(ring, key));
  return lists;
  // [end]
}

std::vector<ReplicaLists> Rings::FindArcs() const {
  // [solution: Collect the lists of all labels of all rings (handout 1D, step 1).]
  // Between two neighbouring points of all rings nothing changes, and the label of a point, taken
  // as a key, lies on that point. So the labels are keys of which every arc has one.
  std::set<ReplicaLists> different;
  for (const Ring& ring : history_.rings()) {
    for (const Member& member : ring.members()) {
      const std::uint64_t points = std::uint64_t{member.weight()} * ring.points_per_unit();
      for (std::uint64_t i = 0; i < points; ++i) {
        different.insert(Lists(NameOf(member.node()) + "-" + std::to_string(i)));
      }
    }
  }
  return {different.begin(), different.end()};
  // [end]
}

std::vector<NodeId> Rings::Nodes() const {
  // [solution: Collect the members of all rings (handout 1D, step 1).]
  std::set<NodeId> nodes;
  for (const Ring& ring : history_.rings()) {
    for (const Member& member : ring.members()) nodes.insert(member.node());
  }
  return {nodes.begin(), nodes.end()};
  // [end]
}

bool Contains(const std::vector<NodeId>& list, NodeId node) {
  return std::find(list.begin(), list.end(), node) != list.end();
}

absl::Status CheckSound(const Ring& ring) {
  std::set<NodeId> members;
  bool sound = ring.epoch() > ring.previous_epoch() && ring.replicas() > 0;
  for (const Member& member : ring.members()) {
    const std::uint64_t points = std::uint64_t{member.weight()} * ring.points_per_unit();
    sound = sound && member.node() > 0 && points > 0 && points <= kMaxPointsPerNode &&
            members.insert(member.node()).second;
  }
  if (sound && !members.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "A ring has a rising epoch, replicas, points, and different members of positive weight.");
}

RingHistory InitialHistory(const NodeConfig& config) {
  RingHistory history;
  CacheConfig own;
  if (config.has_lab() && config.lab().UnpackTo(&own) && own.has_ring()) {
    *history.add_rings() = own.ring();
    return history;
  }
  Ring& ring = *history.add_rings();
  ring.set_epoch(1);
  ring.set_replicas(std::clamp<std::uint32_t>(config.peers_size(), 1, kDefaultReplicas));
  ring.set_points_per_unit(kDefaultPoints);
  for (const NodeId peer : config.peers()) {
    Member& member = *ring.add_members();
    member.set_node(peer);
    member.set_weight(1);
  }
  return history;
}

RingHistory Learn(const RingHistory& own, const RingHistory& other) {
  // [solution: Follow the longer history, without what is known to be over (handout 1D, step 3).]
  if (other.rings().empty()) return own;
  const Ring& own_last = own.rings(own.rings_size() - 1);
  const Ring& other_last = other.rings(other.rings_size() - 1);
  if (other_last.epoch() < own_last.epoch()) return own;
  // Two administrators can give one epoch to two rings: then nobody follows anybody.
  if (other_last.epoch() == own_last.epoch() &&
      other_last.SerializeAsString() != own_last.SerializeAsString()) {
    return own;
  }
  // Each knows of the other's rings all that still matters; and what one of them knows to be
  // complete the other can forget.
  RingHistory learnt;
  for (const Ring& ring : other.rings()) {
    if (ring.epoch() >= own.rings(0).epoch()) *learnt.add_rings() = ring;
  }
  return learnt;
  // [end]
}

}  // namespace quorum::hash_ring
