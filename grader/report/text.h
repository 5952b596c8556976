#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "grader/run/outcome.h"

namespace quorum::report {

/// Ways to print a text on a terminal that can.
enum class Ink { kPlain, kBold, kFaint, kGreen, kRed, kYellow, kMagenta };

/// `text` in that ink; unchanged unless `coloured`.
std::string Painted(Ink ink, std::string_view text, bool coloured);

/// "PASSED", "FAILED" and so on, all of one width at most.
std::string_view NameOf(run::Outcome::Verdict verdict);
Ink InkOf(run::Outcome::Verdict verdict);

/// A number in four or five characters: "950", "1.2 k", "34 M".
std::string ShortCount(std::uint64_t count);
/// A length of time in a few characters: "0.2 s", "75 s", "3.2 h".
std::string ShortTime(std::int64_t nanoseconds);

/// `text` broken at blanks into lines of at most `width`, each after `indent`.
std::string Wrapped(std::string_view text, std::string_view indent, std::size_t width = 100);

}  // namespace quorum::report
