#include "grader/cli/submission.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "grader/cli/build.h"
#include "grader/cli/implementation.h"
#include "grader/run/sanitizer.h"
#include "grader/run/vet.h"
#include "grader/scenarios/stands_on.h"

namespace quorum::cli {
namespace {

using Labs = std::map<std::string, SubmittedLab>;

constexpr std::size_t kCompilerOutputKept = 4000;

run::Failure Refusal(std::string_view statement, std::string_view sentence, std::string detail) {
  run::Failure failure;
  failure.set_kind(run::FAILURE_REFUSED);
  failure.set_statement(std::string(statement));
  failure.set_sentence(std::string(sentence));
  failure.set_source("the contract of a module, common/env/env.h and module.h");
  failure.set_detail(std::move(detail));
  return failure;
}

absl::StatusOr<Labs> FindAll(const SubmissionOptions& options, const std::vector<std::string>& labs,
                             bool lenient) {
  Labs found;
  for (const std::string& lab : labs) {
    const absl::StatusOr<LabModule> module = FindModule(options.impl, lab);
    if (lenient && absl::IsNotFound(module.status())) continue;
    if (!module.ok()) return module.status();
    found[lab].module = *module;
  }
  if (found.empty()) {
    return absl::NotFoundError(absl::StrCat("\"", options.impl, "\" implements none of the labs ",
                                            absl::StrJoin(labs, ", "), "."));
  }
  return found;
}

const ModuleFile& FileOf(const SubmittedLab& lab, bool sanitize) {
  return sanitize ? lab.module.sanitized : lab.module.plain;
}

/// Builds all modules, those of the same build folder together.
void BuildAll(Labs& labs, bool sanitize) {
  std::map<std::filesystem::path, std::vector<std::string>> together;
  for (const auto& [name, lab] : labs) {
    for (const ModuleFile* file : {&lab.module.plain, &lab.module.sanitized}) {
      if ((file == &lab.module.sanitized && !sanitize) || file->target.empty()) continue;
      if (file->needs.empty()) together[file->folder].push_back(file->target);
    }
  }
  for (const auto& [folder, targets] : together) Build(folder, targets);
  // Once more by themselves, to learn which of them failed and why: the others have nothing to do.
  for (auto& [name, lab] : labs) {
    const bool said = lab.module.plain.needs.empty();
    BuildResult result = BuildModule(lab.module.plain, !said);
    if (result.ok && sanitize) result = BuildModule(lab.module.sanitized, !said);
    if (result.ok) continue;
    if (result.output.size() > kCompilerOutputKept) result.output.resize(kCompilerOutputKept);
    lab.refusal = Refusal("module.builds", "The implementation compiles.",
                          "The compiler refuses it; what it said follows.");
    lab.refusal->set_output(result.output);
  }
}

void Vet(SubmittedLab& lab) {
  const auto findings = run::VetModule(lab.module.plain.file);
  if (!findings.ok()) {
    lab.refusal = Refusal("module.loads", "An implementation is a module that can be loaded.",
                          std::string(findings.status().message()));
  } else if (!findings->empty()) {
    lab.refusal =
        Refusal("module.contract",
                "A node reaches the world through Env alone, and keeps nothing outside of "
                "its own fields.",
                absl::StrJoin(*findings, "\n"));
  }
}

bool StandsOn(const std::string& lab, const std::string& other) {
  const std::vector<std::string> needed = grader::StandsOn(lab);
  return std::find(needed.begin(), needed.end(), other) != needed.end();
}

/// The modules, by lab, on which those of `labs` stand: as `with` says, or else those that the
/// build has of its own.
absl::StatusOr<std::map<std::string, std::string>> BuildOthers(
    const Labs& labs, const std::map<std::string, std::string>& with) {
  std::map<std::string, std::string> wanted = with;
  for (const auto& [name, lab] : labs) {
    for (const std::string& other : grader::StandsOn(name)) {
      if (FindModule("solutions", other).ok()) {
        wanted.try_emplace(other, "solutions");
      } else if (other != name) {
        wanted.try_emplace(other, "labs");  // an earlier lab of one's own; no reference of this one
      }
    }
  }
  std::map<std::string, std::string> files;
  for (const auto& [lab, impl] : wanted) {
    const absl::StatusOr<LabModule> module = FindModule(impl, lab);
    if (!module.ok()) return module.status();
    if (!BuildModule(module->plain).ok) {
      return absl::FailedPreconditionError(
          absl::StrCat("\"", impl, "\", on which ", lab, " is to stand, cannot be built."));
    }
    files[lab] = module->plain.file;
  }
  return files;
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ParseWith(const std::vector<std::string>& with) {
  std::map<std::string, std::string> parsed;
  for (const std::string& pair : with) {
    const std::vector<std::string> sides = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (sides.size() != 2 || sides[0].empty() || sides[1].empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--with takes LAB=IMPL, for example raft=solutions, and not \"", pair, "\"."));
    }
    parsed[sides[0]] = sides[1];
  }
  return parsed;
}

absl::StatusOr<Labs> PrepareSubmission(const SubmissionOptions& options,
                                       const std::vector<std::string>& labs, bool lenient) {
  absl::StatusOr<Labs> submitted = FindAll(options, labs, lenient);
  if (!submitted.ok()) return submitted;
  const auto others = BuildOthers(*submitted, options.with);
  if (!others.ok()) return others.status();
  // In a program with sanitizers every module has them.
  const bool sanitize = options.sanitize && !run::IsSanitized();
  for (const auto& [name, lab] : *submitted) {
    if (sanitize && lab.module.sanitized.target.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("A module that is built already cannot be graded with --sanitize."));
    }
  }
  BuildAll(*submitted, sanitize);
  for (auto& [name, lab] : *submitted) {
    if (!lab.refusal) Vet(lab);
    lab.settings.modules = {FileOf(lab, sanitize).file};
    for (const auto& [other, file] : *others) {
      if (other != name || StandsOn(name, name)) lab.settings.modules.push_back(file);
    }
    lab.settings.sanitized = sanitize;
  }
  return submitted;
}

}  // namespace quorum::cli
