#include "grader/cli/check_command.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "grader/check/linearizability/explain.h"
#include "grader/check/linearizability/history_json.h"
#include "grader/check/linearizability/linearizability.h"

namespace quorum {
namespace {

constexpr const char* kFormat =
    R"(FILE has one operation a line, as JSON, in any order ("-": standard input):
  {"client":3,"key":"x","op":"put","value":"a","call":120,"return":180}
  op      get     with "result": a string, or null when absent
          put     with "value"
          append  with "value", which is added at the end
          cas     with "expect" (a string, or null: absent), "value", "result": true or false
  call,   integers in real-time order; equal ones count as overlapping. "return": null means that
  return  the outcome is unknown: it may happen at any time after its call, or never
A register is one key. In kv there are many, and an absent key and the empty string are the same.
Exit codes: 0 linearizable, 1 not linearizable, 2 FILE is missing or malformed, 3 budget spent.
The budget counts work, not time, so that the answer is the same on every machine.)";

constexpr int kLegal = 0;
constexpr int kIllegal = 1;
constexpr int kBadInput = 2;
constexpr int kUndecided = 3;

struct Options {
  std::string model;
  std::string file;
  check::Budget budget;
  std::size_t megabytes = 0;
};

int Decide(const check::History& history, check::Model model, const check::Budget& budget) {
  const check::CheckResult result = check::CheckHistory(history, model, budget);
  std::cout << check::Explain(result);
  switch (result.verdict) {
    case check::Verdict::kLinearizable:
      return kLegal;
    case check::Verdict::kNotLinearizable:
      return kIllegal;
    case check::Verdict::kUnknown:
      break;
  }
  return kUndecided;
}

int RunCheck(const Options& options) {
  std::ifstream file;
  if (options.file != "-") {
    file.open(options.file);
    if (!file) {
      std::cerr << "The history " << options.file << " cannot be read: " << std::strerror(errno)
                << ".\n";
      return kBadInput;
    }
  }
  const check::Model model =
      options.model == "register" ? check::Model::kRegister : check::Model::kKv;
  const auto history = check::ReadHistory(options.file == "-" ? std::cin : file, model);
  if (!history.ok()) {
    std::cerr << options.file << ": " << history.status().message() << "\n";
    return kBadInput;
  }
  return Decide(*history, model, options.budget);
}

}  // namespace

void AddCheckCommand(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  options->megabytes = options->budget.bytes >> 20;
  CLI::App* command = app.add_subcommand("check", "Is a recorded history linearizable?");
  command->add_option("--model", options->model, "What was used")
      ->required()
      ->type_name("register|kv")
      ->check(CLI::IsMember({"register", "kv"}).description(""));
  command->add_option("FILE", options->file, "The history, or - for standard input")
      ->required()
      ->type_name("");
  command->add_option("--steps", options->budget.steps, "Budget of search steps")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--memory", options->megabytes, "Budget of memory for the search, in MB")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 20).description(""))
      ->capture_default_str();
  command->footer(kFormat);
  command->callback([options, &exit_code] {
    options->budget.bytes = options->megabytes << 20;
    exit_code = RunCheck(*options);
  });
}

}  // namespace quorum
