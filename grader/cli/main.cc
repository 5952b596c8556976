// The `quorum` command. Exit codes: 0 passed, 1 something graded failed, 2 usage or bad input,
// 3 inconclusive, 4 a fault of the grader itself.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "common/env/check.h"
#include "grader/cli/build.h"
#include "grader/cli/call_command.h"
#include "grader/cli/check_command.h"
#include "grader/cli/cluster_command.h"
#include "grader/cli/debugger.h"
#include "grader/cli/explore_command.h"
#include "grader/cli/grade_command.h"
#include "grader/cli/implementation.h"
#include "grader/cli/lock/lock_command.h"
#include "grader/cli/mutants_command.h"
#include "grader/cli/paths.h"
#include "grader/cli/replay_command.h"
#include "grader/cli/ring_command.h"
#include "grader/cli/tls_command.h"
#include "grader/run/worker.h"
#include "grader/scenarios/scenario.h"

namespace quorum::cli {
namespace {

ClusterTools ToolsForClusters() {
  const auto find = [](const std::string& impl,
                       const std::string& lab) -> absl::StatusOr<ClusterTools::Files> {
    const auto module = BuildImplementation(impl, lab);
    if (!module.ok()) return module.status();
    if (!Build(BuildFolder(), {"quorum_node"}).ok) {
      return absl::FailedPreconditionError("The program quorum_node cannot be built (see above).");
    }
    return ClusterTools::Files{std::filesystem::absolute(*module).string(),
                               (BuildFolder() / "bin" / "quorum_node").string()};
  };
  return {find, (SourceFolder() / "data").string()};
}

/// What is wrong with a command line, in one sentence.
std::string Complaint(const CLI::App& app, int argc, char** argv, const CLI::ParseError& error) {
  if (argc < 2) return "Which verb? ./quorum --help lists them.";
  const std::string verb = argv[1];
  const auto verbs =
      app.get_subcommands([&](const CLI::App* known) { return known->get_name() == verb; });
  if (!verb.starts_with('-') && verbs.empty()) {
    return "There is no verb \"" + verb + "\"; ./quorum --help lists them.";
  }
  if (!verbs.empty() && !verbs.front()->get_subcommands({}).empty()) {
    const std::vector<std::string> unknown = verbs.front()->remaining();
    if (verbs.front()->get_subcommands().empty() && !unknown.empty()) {
      return "There is no verb \"" + verb + " " + unknown.front() + "\"; ./quorum " + verb +
             " --help lists them.";
    }
  }
  return std::string(error.what()) + " (see --help)";
}

int Main(int argc, char** argv) {
  CLI::App app("Labs on distributed systems, graded in a simulated world.", "quorum");
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Print the help of every verb");
  app.footer(
      "The script ./quorum has three more: test (the project's own tests), docs (the API "
      "reference),\n"
      "bench (the figures of docs/figures.md). Each verb's --help is its reference.");
  int exit_code = 0;
  AddGradeCommand(app, exit_code);
  AddMutantsCommand(app, exit_code);
  AddReplayCommand(app, exit_code);
  AddPlayHereCommand(app, exit_code);
  AddCheckCommand(app, exit_code);
  AddClusterCommand(app, exit_code, ToolsForClusters());
  AddCallCommand(app, exit_code, (SourceFolder() / "data" / "cluster.json").string());
  AddLockCommand(app, exit_code, LoadImplementation,
                 (SourceFolder() / "data" / "cluster.json").string());
  AddTlsCommand(app, exit_code);
  AddExploreCommand(app, exit_code, BuildImplementation);
  AddRingCommand(app, exit_code, LoadImplementation);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help) {
    return app.exit(asked_for_help);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "quorum: %s\n", Complaint(app, argc, argv, error).c_str());
    return 2;
  }
  return exit_code;
}

}  // namespace
}  // namespace quorum::cli

/// A broken invariant of the command itself ends it like any other fault of its own.
[[noreturn]] void Throw(std::string_view sentence, quorum::SourcePlace where) {
  throw std::runtime_error(std::string(sentence) + " (" + where.file + ":" +
                           std::to_string(where.line) + ")");
}

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "worker") == 0) {
    return quorum::run::WorkerMain(quorum::grader::AllScenarios());
  }
  quorum::SetCheckFailureHandler(Throw);
  try {
    return quorum::cli::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "quorum: a fault of this program: %s\n", error.what());
    return 4;
  }
}
