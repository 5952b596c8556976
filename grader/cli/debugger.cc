#include "grader/cli/debugger.h"

#include <fmt/format.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <memory>

#include "absl/strings/escaping.h"
#include "common/node/module_loader.h"
#include "grader/cli/bad_input.h"
#include "grader/cli/gdb_script.h"
#include "grader/cli/selection.h"
#include "grader/faults/plan_file.h"
#include "grader/run/play.h"

namespace quorum::cli {
namespace {

struct PlayHereOptions {
  std::string file;
  std::vector<std::string> modules;
  NodeId node = 0;
};

/// Plays once to learn which handler of the node is its last, and once more to stop there.
int PlayHere(const PlayHereOptions& options) {
  const auto plan = faults::LoadPlan(options.file);
  if (!plan.ok()) return BadInput(plan.status());
  const auto scenario = Select(grader::AllScenarios(), {plan->scenario()});
  if (!scenario.ok()) return BadInput(scenario.status());
  std::vector<const ModuleTable*> modules;
  for (const std::string& file : options.modules) {
    const auto module = LoadModule(file);
    if (!module.ok()) return BadInput(module.status());
    modules.push_back(*module);
  }
  grader::StageOptions stop;
  run::Play(*scenario->front(), *plan, modules, {}, [&](const grader::Stage& stage, auto&) {
    if (stage.world_if_made() == nullptr) return;
    const auto& machines = stage.world_if_made()->machines();
    const auto found = machines.find(options.node);
    if (found != machines.end()) stop.break_at_handler = found->second->last_handler;
  });
  if (stop.break_at_handler == 0) {
    return BadInput(absl::NotFoundError(fmt::format(
        "There is no node {} in {}, or nothing runs on it.", options.node, plan->scenario())));
  }
  const run::RunResult result = run::Play(*scenario->front(), *plan, modules, stop);
  fmt::print("The run is over{}\n", result.verdict() == run::RUN_PASSED
                                        ? " and broke nothing."
                                        : ": " + result.failure().sentence());
  return result.verdict() == run::RUN_PASSED ? 0 : 1;
}

}  // namespace

absl::Status StopInGdb(const std::string& file, const std::vector<std::string>& modules,
                       NodeId node) {
  char self[PATH_MAX] = {};
  if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) {
    return absl::InternalError("This program does not find its own file.");
  }
  const std::string script =
      fmt::format("MODULE = '{}'\n{}", absl::CEscape(modules.front()), kGdbScript);
  const std::string run_script = fmt::format("python exec(\"{}\")", absl::CEscape(script));
  std::vector<std::string> words = {"gdb",       "-q",       "-iex",   "set debuginfod enabled off",
                                    "-ex",       run_script, "--args", self,
                                    "play-here", file,       "--node", fmt::to_string(node)};
  for (const std::string& module : modules) {
    words.emplace_back("--module");
    words.push_back(module);
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::fflush(nullptr);
  execvp("gdb", arguments.data());
  return absl::NotFoundError("gdb cannot be started: is it installed?");
}

void AddPlayHereCommand(CLI::App& app, int& exit_code) {
  CLI::App& verb = *app.add_subcommand("play-here", "Plays a plan in this process, for a debugger");
  verb.group("");
  auto options = std::make_shared<PlayHereOptions>();
  verb.add_option("file", options->file)->required();
  verb.add_option("--module", options->modules)->required();
  verb.add_option("--node", options->node)->required();
  verb.callback([options, &exit_code] { exit_code = PlayHere(*options); });
}

}  // namespace quorum::cli
