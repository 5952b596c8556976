#include "grader/report/scoreboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>

#include "grader/report/text.h"

namespace quorum::report {
namespace {

using run::Outcome;

constexpr std::int64_t kBarEveryNs = 50'000'000;

std::int64_t MonotonicNs() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

std::string PointsOf(const Outcome& outcome) {
  if (outcome.scenario->points == 0) return "-";
  return fmt::format("{}/{}", outcome.points(), outcome.scenario->points);
}

/// Totals of those outcomes that `included` accepts, if there are any.
template <class Predicate>
Score Total(const std::vector<Outcome>& outcomes, Predicate included) {
  Score score;
  for (const Outcome& outcome : outcomes) {
    if (!included(outcome)) continue;
    score.points += outcome.points();
    if (!outcome.scenario->bonus) score.max_points += outcome.scenario->points;
  }
  return score;
}

/// A part may have nothing but bonus points, or no points at all.
std::string TextOf(const Score& score) {
  if (score.max_points > 0) return fmt::format("{}/{}", score.points, score.max_points);
  return score.points > 0 ? fmt::format("+{}", score.points) : "-";
}

/// What there was of a simulated world; where there was none, what was observed instead: how much
/// has been explored.
std::string WhatWasPlayed(const Outcome& outcome) {
  if (outcome.events == 0 && !outcome.observed.empty()) return outcome.observed.begin()->first;
  return fmt::format("{:>6} events {:>7} simulated", ShortCount(outcome.events),
                     ShortTime(outcome.simulated_ns));
}

}  // namespace

Score ScoreOf(const std::vector<Outcome>& outcomes) {
  return Total(outcomes, [](const Outcome&) { return true; });
}

void Scoreboard::Progress(std::uint64_t done, std::uint64_t of) {
  if (!terminal_ || of == 0 || MonotonicNs() - bar_at_ < kBarEveryNs) return;
  bar_at_ = MonotonicNs();
  constexpr std::uint64_t kWidth = 40;
  const std::uint64_t filled = done * kWidth / of;
  const std::string bar = std::string(filled, '#') + std::string(kWidth - filled, '.');
  fmt::print("\r[{}] {} of {} runs", bar, done, of);
  std::fflush(stdout);
  bar_shown_ = true;
}

void Scoreboard::EraseBar() {
  if (bar_shown_) fmt::print("\r\x1b[K");
  bar_shown_ = false;
}

void Scoreboard::Add(const Outcome& outcome) {
  EraseBar();
  const grader::Scenario& scenario = *outcome.scenario;
  const grader::Scenario* last = outcomes_.empty() ? nullptr : outcomes_.back().scenario;
  if (last == nullptr || std::string_view(last->lab) != scenario.lab ||
      std::string_view(last->part) != scenario.part) {
    const std::string title = fmt::format("{} {}", scenario.lab, scenario.part);
    fmt::print("{}\n", Painted(Ink::kBold, title, terminal_));
  }
  const std::string verdict = fmt::format("{:<13}", NameOf(outcome.verdict));
  fmt::print("  {} {:<34} {:>7}  {:>5} seeds {} {:>7}\n",
             Painted(InkOf(outcome.verdict), verdict, terminal_), scenario.name, PointsOf(outcome),
             outcome.seeds_run, WhatWasPlayed(outcome), ShortTime(outcome.wall_ns));
  std::fflush(stdout);
  outcomes_.push_back(outcome);
}

void Scoreboard::PrintTotals() const {
  std::vector<std::pair<std::string_view, std::string_view>> parts;  // in order of appearance
  for (const Outcome& outcome : outcomes_) {
    const std::pair<std::string_view, std::string_view> part(outcome.scenario->lab,
                                                             outcome.scenario->part);
    if (std::ranges::find(parts, part) == parts.end()) parts.push_back(part);
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& [lab, name] = parts[i];
    const Score part = Total(outcomes_, [&](const Outcome& outcome) {
      return outcome.scenario->lab == lab && outcome.scenario->part == name;
    });
    fmt::print("  {:<48} {:>7}\n", fmt::format("{} part {}", lab, name), TextOf(part));
    if (i + 1 < parts.size() && parts[i + 1].first == lab) continue;
    const Score whole =
        Total(outcomes_, [&](const Outcome& outcome) { return outcome.scenario->lab == lab; });
    const std::string line =
        fmt::format("{:<50} {:>7}", fmt::format("{} in all", lab), TextOf(whole));
    fmt::print("{}\n", Painted(Ink::kBold, line, terminal_));
  }
}

void Scoreboard::Finish(double seconds) {
  EraseBar();
  fmt::print("\n");
  PrintTotals();
  fmt::print("\nGraded {} scenario{} in {:.1f} s.\n", outcomes_.size(),
             outcomes_.size() == 1 ? "" : "s", seconds);
}

}  // namespace quorum::report
