#include "grader/cli/selection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace quorum::cli {
namespace {

using grader::Scenario;

/// Small letters will do, so that nobody has to press shift for a part or a scenario.
bool Matches(const Scenario& scenario, const std::string& selection) {
  return absl::EqualsIgnoreCase(selection, scenario.lab) ||
         absl::EqualsIgnoreCase(selection, absl::StrCat(scenario.lab, ":", scenario.part)) ||
         absl::EqualsIgnoreCase(selection, absl::StrCat(scenario.lab, ".", scenario.name));
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

/// How many letters have to be put in, left out or changed (Levenshtein), great and small alike.
std::size_t Distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  for (std::size_t at = 0; at < row.size(); ++at) row[at] = at;
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < other.size(); ++j) {
      const bool same = absl::ascii_tolower(one[i]) == absl::ascii_tolower(other[j]);
      const std::size_t least = std::min({row[j] + 1, row[j + 1] + 1, diagonal + !same});
      diagonal = std::exchange(row[j + 1], least);
    }
  }
  return row.back();
}

/// Whether somebody who has written `selection` may well have meant this scenario or its part: by
/// its bare name, by the beginning of it, or with a slip of the pen.
bool MayMean(const std::string& selection, const std::string& meant) {
  if (absl::StartsWithIgnoreCase(meant, selection)) return true;
  const std::string bare = meant.substr(meant.find_first_of(".:") + 1);
  if (absl::EqualsIgnoreCase(bare, selection)) return true;
  return Distance(selection, meant) <= std::max<std::size_t>(1, selection.size() / 6);
}

std::vector<std::string> WhatMayBeMeant(const std::vector<Scenario>& scenarios,
                                        const std::string& selection) {
  std::vector<std::string> meant;
  for (const auto& get : {+[](const Scenario& s) { return std::string(s.lab); },
                          +[](const Scenario& s) { return absl::StrCat(s.lab, ":", s.part); },
                          +[](const Scenario& s) { return absl::StrCat(s.lab, ".", s.name); }}) {
    for (std::string& text : Distinct(scenarios, get)) {
      if (MayMean(selection, text)) meant.push_back(std::move(text));
    }
  }
  return meant;
}

absl::Status NothingMatches(const std::vector<Scenario>& scenarios, const std::string& selection) {
  constexpr std::size_t kMostOffered = 6;
  const auto error = [&](const std::string& instead) {
    return absl::NotFoundError(absl::StrCat("There is no \"", selection, "\"; ", instead));
  };
  const auto meant = WhatMayBeMeant(scenarios, selection);
  if (!meant.empty() && meant.size() <= kMostOffered) {
    return error(absl::StrCat("did you mean ", absl::StrJoin(meant, " or "), "?"));
  }
  const std::string lab = selection.substr(0, selection.find_first_of(":."));
  std::vector<Scenario> of_lab;
  for (const Scenario& scenario : scenarios) {
    if (absl::EqualsIgnoreCase(scenario.lab, lab)) of_lab.push_back(scenario);
  }
  if (of_lab.empty()) {
    const auto labs = Distinct(scenarios, [](const Scenario& s) { return s.lab; });
    return error(absl::StrCat("the labs are ", absl::StrJoin(labs, ", "), "."));
  }
  const auto parts = Distinct(of_lab, [](const Scenario& s) { return s.part; });
  return error(absl::StrCat("the parts of ", lab, " are ", absl::StrJoin(parts, ", "),
                            ", and grade --list ", lab, " names its scenarios."));
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
