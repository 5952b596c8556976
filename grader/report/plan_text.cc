#include "grader/report/plan_text.h"

#include <fmt/format.h>

#include "grader/faults/driver.h"

namespace quorum::report {
namespace {

using faults::ClientOp;
using faults::Fault;
using faults::MessageFault;

constexpr int kShown = 15;

double Milliseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

std::string Describe(const faults::Network& network) {
  const auto percent = [](std::uint32_t ppm) { return fmt::format("{:.2g} %", ppm / 1e4); };
  std::string text =
      fmt::format("messages take {:.1f} to {:.1f} ms", Milliseconds(network.min_delay_ns()),
                  Milliseconds(network.max_delay_ns()));
  if (network.tail_ppm() > 0) {
    text += fmt::format("; {} take up to {:.0f} ms more", percent(network.tail_ppm()),
                        Milliseconds(network.tail_delay_ns()));
  }
  if (network.drop_ppm() > 0) text += fmt::format("; {} are lost", percent(network.drop_ppm()));
  if (network.duplicate_ppm() > 0) {
    text += fmt::format("; {} arrive twice", percent(network.duplicate_ppm()));
  }
  if (network.bytes_per_second() > 0) {
    text += fmt::format("; a link carries {} bytes a second", network.bytes_per_second());
  }
  return text;
}

std::string Describe(const MessageFault& fault) {
  std::string text = fmt::format("message {} from node {} to node {}", fault.ordinal() + 1,
                                 fault.from(), fault.to());
  if (fault.drop()) return text + " is lost";
  if (fault.extra_delay_ns() > 0) {
    text += fmt::format(" takes {:.1f} ms more", Milliseconds(fault.extra_delay_ns()));
  }
  if (fault.duplicate_after_ns() > 0) {
    text +=
        fmt::format("{} arrives again {:.1f} ms later", fault.extra_delay_ns() > 0 ? ", and" : "",
                    Milliseconds(fault.duplicate_after_ns()));
  }
  return text;
}

std::string Describe(const ClientOp& op) {
  std::string text = fmt::format("client {}:", op.client());
  if (!op.op().empty()) text += fmt::format(" {}", op.op());
  if (!op.key().empty()) text += fmt::format(" {}", op.key());
  // A read has a number as others have; nobody sees it.
  if (!op.value().empty() && op.op() != "read") text += fmt::format(" \"{}\"", op.value());
  if (op.think_ns() > 0) text += fmt::format(", after {:.1f} ms", Milliseconds(op.think_ns()));
  return text;
}

std::string Describe(const Fault& fault) { return faults::Driver::Describe(fault); }

template <class List>
void AddAll(const List& list, const char* what, std::vector<std::string>& lines) {
  const int shown = list.size() > kShown ? kShown - 1 : list.size();
  for (int index = 0; index < shown; ++index) lines.push_back(Describe(list[index]));
  if (shown < list.size())
    lines.push_back(fmt::format("and {} more {}", list.size() - shown, what));
}

}  // namespace

std::vector<std::string> PlanLines(const faults::Plan& plan) {
  std::vector<std::string> lines;
  if (plan.faults_drawn()) lines.push_back(Describe(plan.network()));
  AddAll(plan.faults(), "faults", lines);
  AddAll(plan.message_faults(), "messages with faults of their own", lines);
  AddAll(plan.ops(), "operations", lines);
  return lines;
}

}  // namespace quorum::report
