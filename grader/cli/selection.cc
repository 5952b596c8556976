#include "grader/cli/selection.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace quorum::cli {
namespace {

using grader::Scenario;

bool Matches(const Scenario& scenario, const std::string& selection) {
  return selection == scenario.lab || selection == absl::StrCat(scenario.lab, ":", scenario.part) ||
         selection == absl::StrCat(scenario.lab, ".", scenario.name);
}

/// Each text once, in order of appearance.
template <class Get>
std::vector<std::string> Distinct(const std::vector<Scenario>& scenarios, Get get) {
  std::vector<std::string> texts;
  for (const Scenario& scenario : scenarios) {
    const std::string text = get(scenario);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  return texts;
}

absl::Status NothingMatches(const std::vector<Scenario>& scenarios, const std::string& selection) {
  const std::string lab = selection.substr(0, selection.find_first_of(":."));
  std::vector<Scenario> of_lab;
  for (const Scenario& scenario : scenarios) {
    if (scenario.lab == lab) of_lab.push_back(scenario);
  }
  if (of_lab.empty()) {
    const auto labs = Distinct(scenarios, [](const Scenario& s) { return s.lab; });
    return absl::NotFoundError(
        absl::StrCat("There is no lab \"", lab, "\"; there are ", absl::StrJoin(labs, ", "), "."));
  }
  if (selection.find(':') != std::string::npos) {
    const auto parts = Distinct(of_lab, [](const Scenario& s) { return s.part; });
    return absl::NotFoundError(absl::StrCat("There is no \"", selection, "\"; the parts of ", lab,
                                            " are ", absl::StrJoin(parts, ", "), "."));
  }
  const auto names = Distinct(of_lab, [](const Scenario& s) { return s.name; });
  return absl::NotFoundError(absl::StrCat("There is no \"", selection, "\"; the scenarios of ", lab,
                                          " are ", absl::StrJoin(names, ", "), "."));
}

}  // namespace

absl::StatusOr<std::vector<const Scenario*>> Select(const std::vector<Scenario>& scenarios,
                                                    const std::vector<std::string>& selections) {
  for (const std::string& selection : selections) {
    const bool matched = std::any_of(scenarios.begin(), scenarios.end(),
                                     [&](const Scenario& one) { return Matches(one, selection); });
    if (!matched) return NothingMatches(scenarios, selection);
  }
  std::vector<const Scenario*> selected;
  for (const Scenario& scenario : scenarios) {
    const bool wanted = selections.empty() || std::any_of(selections.begin(), selections.end(),
                                                          [&](const std::string& selection) {
                                                            return Matches(scenario, selection);
                                                          });
    if (wanted) selected.push_back(&scenario);
  }
  return selected;
}

}  // namespace quorum::cli
