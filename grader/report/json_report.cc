#include "grader/report/json_report.h"

#include <nlohmann/json.hpp>

#include "grader/report/scoreboard.h"

namespace quorum::report {
namespace {

using nlohmann::ordered_json;
using run::Outcome;

const char* VerdictName(Outcome::Verdict verdict) {
  switch (verdict) {
    case Outcome::Verdict::kPassed:
      return "pass";
    case Outcome::Verdict::kFailed:
      return "fail";
    case Outcome::Verdict::kInconclusive:
      return "inconclusive";
    case Outcome::Verdict::kDemonstration:
      return "demonstration";
    case Outcome::Verdict::kGraderFault:
      return "grader_fault";
  }
  return "";
}

ordered_json TextOrNull(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

/// What the deciding run adds; null fields when there is none.
void AddFailure(const Outcome& outcome, ordered_json& entry) {
  const bool decided = outcome.deciding.has_value();
  const run::Failure failure = decided ? outcome.deciding->failure() : run::Failure();
  const bool played = decided && outcome.seeds_run > 0;
  entry["failing_seed"] = played ? ordered_json(outcome.deciding->seed()) : ordered_json(nullptr);
  entry["invariant"] = nullptr;
  if (!failure.statement().empty()) {
    entry["invariant"] = {{"name", failure.statement()},
                          {"sentence", failure.sentence()},
                          {"source", failure.source()}};
  }
  entry["detail"] = TextOrNull(failure.detail());
  entry["blame"] = TextOrNull(failure.blame());
  entry["node"] = failure.node() != 0 ? ordered_json(failure.node()) : ordered_json(nullptr);
  entry["handler"] = TextOrNull(failure.handler());
  entry["output"] = TextOrNull(failure.output());
  entry["plan_file"] = TextOrNull(outcome.plan_file);
}

ordered_json EntryOf(const Outcome& outcome, const std::string& implementation) {
  const grader::Scenario& scenario = *outcome.scenario;
  ordered_json entry = {{"implementation", implementation},
                        {"lab", scenario.lab},
                        {"part", scenario.part},
                        {"scenario", scenario.name},
                        {"verdict", VerdictName(outcome.verdict)},
                        {"points", outcome.points()},
                        {"max_points", scenario.points},
                        {"bonus", scenario.bonus},
                        {"seeds_run", outcome.seeds_run}};
  AddFailure(outcome, entry);
  entry["events"] = outcome.events;
  entry["simulated_seconds"] = static_cast<double>(outcome.simulated_ns) / 1e9;
  entry["wall_seconds"] = static_cast<double>(outcome.wall_ns) / 1e9;
  entry["observed"] = ordered_json::object();
  for (const auto& [what, seeds] : outcome.observed) entry["observed"][what] = seeds;
  entry["unobserved"] = outcome.unobserved;
  return entry;
}

}  // namespace

std::string JsonReport(const std::vector<Outcome>& outcomes, const std::string& implementation,
                       const std::vector<std::string>& with) {
  const Score score = ScoreOf(outcomes);
  ordered_json report = {{"implementation", implementation},
                         {"with", with},
                         {"points", score.points},
                         {"max_points", score.max_points},
                         {"scenarios", ordered_json::array()}};
  for (const Outcome& outcome : outcomes) {
    report["scenarios"].push_back(EntryOf(outcome, implementation));
  }
  // A process may have printed anything: what is no UTF-8 is replaced.
  return report.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace quorum::report
