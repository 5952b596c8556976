#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "labs/lab1_hash_ring/hash_ring.h"

namespace quorum::grader {

/// ceil(percent/100 * items * weight / total_weight).
std::uint64_t CapacityByFormula(std::uint32_t percent, std::uint64_t items, std::uint64_t weight,
                                std::uint64_t total_weight);

/// The capacity of each member of `ring` when `items` items are placed.
std::map<std::string, std::uint64_t> CapacitiesByFormula(const hash_ring::HashRing& ring,
                                                         std::uint32_t percent,
                                                         std::uint64_t items);

/// The placement rule of bounded_load.h, played as it is written: node by item.
std::map<std::string, std::string> PlacementByRule(const hash_ring::HashRing& ring,
                                                   std::uint32_t percent,
                                                   const std::set<std::string>& items);

}  // namespace quorum::grader
