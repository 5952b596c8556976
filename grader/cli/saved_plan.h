#pragma once

#include <string>
#include <vector>

#include "grader/cli/submission.h"
#include "grader/run/outcome.h"

namespace quorum::cli {

/// What was graded, in the words of the command line.
struct Graded {
  std::string impl;
  std::vector<std::string> with;
};

/// Saves the plan of the run that failed as `out/<scenario>-<seed>.plan`, and tells the outcome of
/// the file. Does nothing when no run failed that could be played again; says so on standard error
/// when the file cannot be written.
void KeepPlan(const Graded& graded, const SubmittedLab& lab, run::Outcome& outcome);

/// Hashes of the files of modules, as plans have them: of the one that is graded, and with a +
/// before each those of what stood beside it. Empty when one cannot be read.
std::string HashOfModules(const std::vector<std::string>& files);

}  // namespace quorum::cli
