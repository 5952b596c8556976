#pragma once

#include <vector>

#include "common/env/module.h"
#include "grader/run/run.pb.h"
#include "grader/scenarios/scenario.h"
#include "grader/scenarios/stage.h"

namespace quorum::run {

/// Plays `scenario` once, in this process, on the modules of an implementation. Whatever the
/// implementation does short of ending the process becomes the result: a violation, a failed check,
/// a stub that was reached, an exception. Tells the flight recorder what it is doing.
RunResult Play(const grader::Scenario& scenario, const faults::Plan& plan,
               const std::vector<const ModuleTable*>& modules,
               const grader::StageOptions& options = {});

/// The plan that `seed` stands for: the run itself draws everything else.
faults::Plan PlanOf(const grader::Scenario& scenario, std::uint64_t seed);

/// "lab.Name", as the command line and the reports have it.
std::string FullName(const grader::Scenario& scenario);

}  // namespace quorum::run
