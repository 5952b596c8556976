#include "grader/report/text.h"

#include <fmt/format.h>

#include "absl/strings/str_split.h"

namespace quorum::report {

using Verdict = run::Outcome::Verdict;

std::string Painted(Ink ink, std::string_view text, bool coloured) {
  constexpr const char* kCodes[] = {"", "1", "2", "32", "31", "33", "35"};
  if (!coloured || ink == Ink::kPlain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", kCodes[static_cast<int>(ink)], text);
}

std::string_view NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kFailed:
      return "FAILED";
    case Verdict::kInconclusive:
      return "inconclusive";
    case Verdict::kDemonstration:
      return "demonstration";
    case Verdict::kGraderFault:
      return "GRADER FAULT";
  }
  return "";
}

Ink InkOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return Ink::kGreen;
    case Verdict::kFailed:
      return Ink::kRed;
    case Verdict::kInconclusive:
      return Ink::kYellow;
    case Verdict::kDemonstration:
      return Ink::kPlain;
    case Verdict::kGraderFault:
      return Ink::kMagenta;
  }
  return Ink::kPlain;
}

std::string ShortCount(std::uint64_t count) {
  constexpr std::pair<double, const char*> kUnits[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  for (const auto& [unit, name] : kUnits) {
    const double units = static_cast<double>(count) / unit;
    if (units >= 1) return fmt::format("{:.{}f} {}", units, units < 10 ? 1 : 0, name);
  }
  return fmt::format("{}", count);
}

std::string ShortTime(std::int64_t nanoseconds) {
  const double seconds = static_cast<double>(nanoseconds) / 1e9;
  if (seconds < 10) return fmt::format("{:.1f} s", seconds);
  if (seconds < 1000) return fmt::format("{:.0f} s", seconds);
  if (seconds < 100 * 60) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::string Wrapped(std::string_view text, std::string_view indent, std::size_t width) {
  std::string wrapped;
  std::string line(indent);
  for (const auto& word : absl::StrSplit(std::string(text), ' ')) {
    if (line.size() > indent.size() && line.size() + 1 + word.size() > width) {
      wrapped += line + "\n";
      line = indent;
    }
    if (line.size() > indent.size()) line += ' ';
    line.append(word.data(), word.size());
  }
  return wrapped + line + "\n";
}

}  // namespace quorum::report
