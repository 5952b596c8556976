#include "grader/scenarios/hash_ring/bounded_model.h"

#include <vector>

namespace quorum::grader {

std::uint64_t CapacityByFormula(std::uint32_t percent, std::uint64_t items, std::uint64_t weight,
                                std::uint64_t total_weight) {
  const std::uint64_t numerator = percent * items * weight;
  const std::uint64_t denominator = 100 * total_weight;
  return numerator / denominator + (numerator % denominator != 0 ? 1 : 0);
}

std::map<std::string, std::uint64_t> CapacitiesByFormula(const hash_ring::HashRing& ring,
                                                         std::uint32_t percent,
                                                         std::uint64_t items) {
  const std::vector<hash_ring::RingMember> members = ring.Members();
  std::uint64_t total_weight = 0;
  for (const hash_ring::RingMember& member : members) {
    total_weight += member.weight;
  }
  std::map<std::string, std::uint64_t> capacities;
  for (const hash_ring::RingMember& member : members) {
    capacities[member.name] = CapacityByFormula(percent, items, member.weight, total_weight);
  }
  return capacities;
}

std::map<std::string, std::string> PlacementByRule(const hash_ring::HashRing& ring,
                                                   std::uint32_t percent,
                                                   const std::set<std::string>& items) {
  std::map<std::string, std::uint64_t> room = CapacitiesByFormula(ring, percent, items.size());
  std::map<std::string, std::string> placement;
  for (const std::string& item : items) {
    for (const std::string& node : ring.PreferenceList(item, room.size())) {
      if (room[node] > 0) {
        --room[node];
        placement[item] = node;
        break;
      }
    }
  }
  return placement;
}

}  // namespace quorum::grader
