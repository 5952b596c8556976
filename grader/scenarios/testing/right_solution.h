#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "common/env/module.h"
#include "grader/scenarios/scenario.h"

/// What tests of scenarios share: playing them within the test's own process.
namespace quorum::grader::testing {

/// What a run came to.
struct Played {
  std::string broken = {};  ///< the name of the rule that broke; empty: none did
  std::string detail = {};
  std::set<std::string, std::less<>> observed = {};
};

/// The module at `path`, which must be one.
const ModuleTable* Load(const char* path);

/// Plays `scenario` once: on the first of `modules`, which may stand on the others.
Played Play(const Scenario& scenario, std::uint64_t seed,
            const std::vector<const ModuleTable*>& modules);

/// Expects that a right solution passes each scenario with each of its seeds (`seeds` of them,
/// unless that is 0), and meets in each what it exists for.
void ExpectRight(const std::vector<Scenario>& scenarios,
                 const std::vector<const ModuleTable*>& modules, int seeds = 0);

/// Expects that a skeleton breaks each scenario by saying what to write.
void ExpectNotWritten(const std::vector<Scenario>& scenarios,
                      const std::vector<const ModuleTable*>& modules);

}  // namespace quorum::grader::testing
