#include "grader/check/linearizability/explain.h"

#include <string_view>

#include "fmt/format.h"

namespace quorum::check {
namespace {

constexpr std::size_t kLongest = 36;  // Bytes of a value that are shown in full.

// The end says more than the start: histories that go wrong do so late.
std::string Quote(std::string_view text) {
  if (text.size() <= kLongest) {
    return fmt::format("\"{}\"", text);
  }
  return fmt::format("\"...{}\" ({} bytes)", text.substr(text.size() - kLongest), text.size());
}

std::string QuoteOrAbsent(const std::optional<std::string>& value) {
  return value.has_value() ? Quote(*value) : "absent";
}

std::string Count(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string What(const Operation& op) {
  switch (op.op) {
    case OpKind::kGet:
      return op.ret.has_value() ? fmt::format("get -> {}", QuoteOrAbsent(op.result)) : "get";
    case OpKind::kPut:
      return fmt::format("put {}", Quote(op.value));
    case OpKind::kAppend:
      return fmt::format("append {}", Quote(op.value));
    case OpKind::kCas:
      return fmt::format("cas {} to {}{}", QuoteOrAbsent(op.expect), Quote(op.value),
                         !op.ret.has_value() ? ""
                         : op.swapped        ? " -> true"
                                             : " -> false");
  }
  return "";
}

std::string Instant(std::int64_t at, bool simulated) {
  return simulated ? fmt::format("{:.3f}", static_cast<double>(at) / 1e6) : fmt::to_string(at);
}

std::size_t WidthOfSpan(bool simulated) { return simulated ? 30 : 20; }

std::string Line(const Operation& op, bool simulated) {
  const std::string until =
      op.ret.has_value() ? Instant(*op.ret, simulated) + (simulated ? " ms]" : "]") : "unknown)";
  const std::string span = fmt::format("[{}, {}", Instant(op.call, simulated), until);
  const std::string who =
      simulated && op.client < 0 ? "the test" : fmt::format("client {}", op.client);
  return fmt::format("{:>{}}  {}: {}", span, WidthOfSpan(simulated), who, What(op));
}

std::string ExplainViolation(const Violation& violation, bool simulated) {
  std::string text =
      fmt::format("Not linearizable: no order explains key {}.\n", Quote(violation.key));
  if (!violation.exact) {
    text += "The budget did not reach to find the longest legal prefix; this is one.\n";
  }
  const std::size_t skipped = violation.prefix.size() - violation.tail.size();
  if (violation.prefix.empty()) {
    text += "No operation has to come before the one that cannot be placed.\n";
  } else if (skipped > 0) {
    text += fmt::format("A legal order of {} operations, of which the first {} are left out:\n",
                        violation.prefix.size(), skipped);
  } else {
    text += "A legal order of the operations so far, each with the value after it:\n";
  }
  for (const PlacedOperation& placed : violation.tail) {
    text += fmt::format("{}   => {}\n", Line(placed.operation, simulated),
                        QuoteOrAbsent(placed.value_after));
  }
  text += violation.exact ? "This operation fits neither there nor in any other order:\n"
                          : "This operation, or a later one, has no place:\n";
  text += Line(violation.operation, simulated) + "\n";
  text += fmt::format("{:>{}}  the value is {}\n", "there", WidthOfSpan(simulated),
                      QuoteOrAbsent(violation.value));
  return text;
}

}  // namespace

std::string Explain(const CheckResult& result, bool simulated) {
  const std::string_view model = result.model == Model::kRegister ? "register" : "kv";
  if (result.violation.has_value()) {
    return ExplainViolation(*result.violation, simulated);
  }
  if (result.verdict == Verdict::kLinearizable) {
    return fmt::format("Linearizable as a {}: {} on {}.\n", model,
                       Count(result.operations, "operation"), Count(result.keys, "key"));
  }
  std::string text = fmt::format(
      "Unknown: the budget is spent, after {} steps and {} MB at most. Undecided, of {}:",
      result.spent.steps, (result.spent.bytes + (1 << 20) - 1) >> 20, Count(result.keys, "key"));
  constexpr std::size_t kShown = 8;
  for (std::size_t i = 0; i < result.undecided.size() && i < kShown; ++i) {
    text += fmt::format(" {}", Quote(result.undecided[i]));
  }
  return text + (result.undecided.size() > kShown ? " ...\n" : "\n");
}

}  // namespace quorum::check
