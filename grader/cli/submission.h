#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grader/cli/lab_module.h"
#include "grader/run/run.pb.h"
#include "grader/run/worker_process.h"

namespace quorum::cli {

/// What is to be graded, and on what it stands.
struct SubmissionOptions {
  std::string impl;  ///< see `FindModule`
  /// By lab, the implementation of an earlier one, or of the same one for nodes to play among.
  std::map<std::string, std::string> with;
  bool sanitize = false;  ///< built with AddressSanitizer and UBSan
};

/// One lab of a submission, built and vetted.
struct SubmittedLab {
  LabModule module;
  run::Settings settings;               ///< what its runs are played on
  std::optional<run::Failure> refusal;  ///< why nothing is played: it does not compile, or breaks
                                        ///< the contract of a module
};

/// What `--with` is given, "LAB=IMPL" each, as a map. The error is a sentence.
absl::StatusOr<std::map<std::string, std::string>> ParseWith(const std::vector<std::string>& with);

/// Builds and vets what the submission has of `labs`, by lab. A lab that it does not have is left
/// out if `lenient`, and otherwise an error, a sentence.
absl::StatusOr<std::map<std::string, SubmittedLab>> PrepareSubmission(
    const SubmissionOptions& options, const std::vector<std::string>& labs, bool lenient);

}  // namespace quorum::cli
