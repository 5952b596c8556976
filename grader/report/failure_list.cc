#include "grader/report/failure_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_join.h"
#include "grader/report/failure_text.h"
#include "grader/report/text.h"
#include "grader/run/play.h"

namespace quorum::report {
namespace {

using run::Failure;
using run::Outcome;

/// So many different failures are told in full: nobody mends more at a time.
constexpr std::size_t kToldInFull = 5;

/// Outcomes that are told together, by what they have in common.
class Groups {
 public:
  std::vector<const Outcome*>& of(const std::string& common) {
    const auto known = std::find_if(groups_.begin(), groups_.end(),
                                    [&](const auto& group) { return group.first == common; });
    if (known != groups_.end()) return known->second;
    return groups_.emplace_back(common, std::vector<const Outcome*>()).second;
  }
  /// In order of appearance.
  const auto& all() const { return groups_; }

 private:
  std::vector<std::pair<std::string, std::vector<const Outcome*>>> groups_;
};

/// Equal ones are likely to be of one bug: the same rule, or a crash in the same place.
std::string KindOf(const Failure& failure) {
  if (failure.backtrace().empty()) return failure.statement() + failure.source();
  return absl::StrJoin(failure.backtrace(), "\n");
}

/// Of each group, the commands that show what is not told in full.
void AddCommands(const Groups& groups, const std::string& impl, std::string& to) {
  if (groups.all().empty()) return;
  to += "\nMore failures, and what shows each of them (or all: grade --full)\n";
  for (const auto& [kind, outcomes] : groups.all()) {
    to += fmt::format("  {}\n", outcomes.front()->deciding->failure().statement());
    for (const Outcome* outcome : outcomes) {
      to += fmt::format("    {}\n", CommandOf(*outcome, impl));
    }
  }
}

void AddShared(const Groups& groups, bool coloured, std::string& to) {
  for (const auto& [told, outcomes] : groups.all()) {
    std::vector<std::string> names;
    for (const Outcome* outcome : outcomes) names.push_back(run::FullName(*outcome->scenario));
    to += fmt::format("\n{}{}", Painted(Ink::kRed, told, coloured),
                      Wrapped("Met in " + absl::StrJoin(names, ", ") + ".", "    "));
  }
}

}  // namespace

std::string FailureTexts(const std::vector<Outcome>& outcomes, const std::string& impl,
                         const FailureListOptions& options) {
  std::string text;
  Groups shared;  // by what is told
  Groups kinds;   // those that are told in full, by kind
  Groups brief;   // those that are not
  for (const Outcome& outcome : outcomes) {
    if (outcome.verdict == Outcome::Verdict::kPassed) continue;
    if (const std::string told = SharedText(outcome); !told.empty()) {
      shared.of(told).push_back(&outcome);
      continue;
    }
    if (!outcome.deciding && outcome.unobserved.empty()) continue;
    const bool shown_anyway = options.full || outcome.verdict == Outcome::Verdict::kDemonstration;
    if (outcome.deciding && !shown_anyway) {
      const std::string kind = KindOf(outcome.deciding->failure());
      auto& told = kinds.of(kind);
      told.push_back(&outcome);
      if (told.size() > 1 || kinds.all().size() > kToldInFull) {
        brief.of(kind).push_back(&outcome);
        continue;
      }
    }
    text += "\n" + FailureText(outcome, impl, options.coloured);
  }
  AddCommands(brief, impl, text);
  AddShared(shared, options.coloured, text);
  return text;
}

}  // namespace quorum::report
