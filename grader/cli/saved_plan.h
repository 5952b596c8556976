#pragma once

#include <filesystem>
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

/// A hash of the module's file, as plans have it; empty when it cannot be read.
std::string HashOfModule(const std::filesystem::path& file);

}  // namespace quorum::cli
