#include "grader/report/diagram/sheet.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/strings/str_split.h"

namespace quorum::report {
namespace {

constexpr std::size_t kTimeWidth = 11;
constexpr std::size_t kLane = 6;
constexpr std::size_t kNarrowLane = 4;
constexpr std::size_t kWordsWanted = 50;
constexpr int kMostRows = 3;

/// `text` broken at blanks into rows of at most `width`, at most so many; the last one is cut.
std::vector<std::string> Rows(const std::string& text, std::size_t width) {
  std::vector<std::string> rows(1);
  for (const auto& part : absl::StrSplit(text, ' ')) {
    std::string word(part.data(), part.size());
    if (rows.back().size() + word.size() + 1 > width && !rows.back().empty()) rows.emplace_back();
    if (!rows.back().empty()) rows.back() += ' ';
    rows.back() += word;
  }
  const bool cut = rows.size() > kMostRows;
  if (cut) rows.resize(kMostRows);
  for (std::string& row : rows) {
    const bool shorten = row.size() > width || (cut && &row == &rows.back());
    if (shorten) row = row.substr(0, std::min(row.size(), width - 4)) + " ...";
  }
  return rows;
}

}  // namespace

Sheet::Sheet(const std::set<NodeId>& nodes, std::size_t width) : width_(width) {
  const bool narrow = kTimeWidth + nodes.size() * kLane + kWordsWanted > width;
  const std::size_t lane = narrow ? kNarrowLane : kLane;
  std::size_t column = kTimeWidth + 1;
  for (const NodeId node : nodes) {
    columns_[node] = column;
    looks_[node] = '.';
    column += lane;
  }
  words_at_ = column;
}

void Sheet::Header() {
  std::string row = fmt::format("{:>{}}", "ms", kTimeWidth - 2);
  for (const auto& [node, column] : columns_) {
    const std::string name = fmt::to_string(node);
    row.resize(std::max(row.size(), column - (name.size() - 1) / 2), ' ');
    row += name;
  }
  text_ += row + "\n";
  last_time_.clear();
}

std::string Sheet::Lanes() const {
  std::string lanes(words_at_, ' ');
  for (const auto& [node, column] : columns_) lanes[column] = looks_.at(node);
  return lanes;
}

void Sheet::DrawArrow(const Line& line, std::string& lanes) const {
  if (line.arrow == Arrow::kNone || line.node == line.peer || !columns_.contains(line.peer)) return;
  const bool comes = line.arrow == Arrow::kArrives;
  const std::size_t from = ColumnOf(comes ? line.peer : line.node);
  const std::size_t to = ColumnOf(comes ? line.node : line.peer);
  const bool right = from < to;
  // A message that leaves stops short of its receiver; one that arrives starts off its sender.
  const std::size_t short_of = line.arrow == Arrow::kLeaves || line.arrow == Arrow::kLost ? 2 : 1;
  const std::size_t off = short_of == 2 ? 1 : 2;
  const std::size_t first = right ? from + off : to + short_of;
  const std::size_t last = right ? to - short_of : from - off;
  for (std::size_t column = first; column <= last; ++column) lanes[column] = '-';
  char head = right ? '>' : '<';
  if (line.arrow == Arrow::kLost || line.arrow == Arrow::kBounces) head = 'x';
  lanes[right ? last : first] = head;
}

void Sheet::Draw(sim::SimTime at, const Line& line) {
  if (line.node == 0) return Say(line);
  std::string time = fmt::format("{:{}.3f}", static_cast<double>(at) / 1e6, kTimeWidth - 2);
  if (time == last_time_) {
    time.assign(time.size(), ' ');
  } else {
    last_time_ = time;
  }
  std::string lanes = Lanes();
  lanes.replace(0, time.size(), time);
  DrawArrow(line, lanes);
  if (line.mark != ' ') lanes[ColumnOf(line.node)] = line.mark;
  for (const std::string& row : Rows(line.text, width_ - words_at_)) {
    text_ += lanes + row + "\n";
    lanes = Lanes();
  }
}

void Sheet::Say(const Line& line) {
  const std::string margin(kTimeWidth - 2, ' ');
  for (const std::string& row : Rows(line.text, width_ - margin.size() - 4)) {
    text_ += fmt::format("{} {}{} {}\n", margin, line.mark, line.mark, row);
  }
}

}  // namespace quorum::report
