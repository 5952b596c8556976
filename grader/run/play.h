#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/env/module.h"
#include "grader/run/run.pb.h"
#include "grader/scenarios/scenario.h"
#include "grader/scenarios/stage.h"

namespace quorum::run {

/// Sees a run when it is over and everything is still in place; may add to the result.
using Look = std::function<void(const grader::Stage& stage, RunResult& result)>;

/// Plays `scenario` once, in this process, on the modules of an implementation. Whatever the
/// implementation does short of ending the process becomes the result: a violation, a failed check,
/// a stub that was reached, an exception. Tells the flight recorder what it is doing.
RunResult Play(const grader::Scenario& scenario, const faults::Plan& plan,
               const std::vector<const ModuleTable*>& modules,
               const grader::StageOptions& options = {}, const Look& look = {});

/// The same for a task, watched as it asks for.
RunResult PlayTask(const grader::Scenario& scenario, const Task& task,
                   const std::vector<const ModuleTable*>& modules);

/// The plan that `seed` stands for: the run itself draws everything else.
faults::Plan PlanOf(const grader::Scenario& scenario, std::uint64_t seed);

/// "lab.Name", as the command line and the reports have it.
std::string FullName(const grader::Scenario& scenario);

}  // namespace quorum::run
