#pragma once

#include <vector>

#include "grader/scenarios/scenario.h"

namespace quorum::grader {

/// Part 3G of lab 3.
std::vector<Scenario> KvScenarios();

namespace kv {
/// Crowds of users under random faults.
std::vector<Scenario> Sweeps();
/// A server, or a client, among others that the scenario plays.
std::vector<Scenario> ServerMicroscopes();
std::vector<Scenario> ClientMicroscopes();
/// One story each.
std::vector<Scenario> Choreographies();
}  // namespace kv

}  // namespace quorum::grader
