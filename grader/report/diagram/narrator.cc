#include "grader/report/diagram/narrator.h"

#include <fmt/format.h>

#include <unordered_set>

#include "grader/sim/message.h"

namespace quorum::report {

using sim::TraceKind;
using sim::TraceRecord;

namespace {

constexpr std::uint8_t kResponse = 1;
constexpr std::uint8_t kError = 2;
constexpr std::uint8_t kSynced = 1;

/// "write 3" or "writes 3 to 5".
std::string Range(std::uint64_t first, std::uint64_t last) {
  return first == last ? fmt::format("write {}", last)
                       : fmt::format("writes {} to {}", first, last);
}

/// Whether the record after a timer's shows what the timer has done.
bool Shows(const TraceRecord& timer, const TraceRecord& next) {
  return next.node == timer.node && next.at == timer.at &&
         (next.kind == TraceKind::kSend || next.kind == TraceKind::kWrite ||
          next.kind == TraceKind::kWriteError || next.kind == TraceKind::kLog);
}

}  // namespace

std::vector<bool> RecordsWithLines(const sim::Trace& trace) {
  const std::vector<TraceRecord>& records = trace.records();
  std::vector<bool> lines(records.size(), true);
  std::unordered_set<std::uint64_t>
      told;  // requests of which the caller has learnt how they failed
  for (std::size_t index = records.size(); index-- > 0;) {
    const TraceRecord& record = records[index];
    const bool last = index + 1 == records.size();
    if (record.kind == TraceKind::kDeliver && (record.flag & kError)) {
      told.insert(sim::RequestOf(record.id));
    }
    if (record.kind == TraceKind::kDrop || record.kind == TraceKind::kDuplicate ||
        (record.kind == TraceKind::kRefused && told.contains(record.id)) ||
        (record.kind == TraceKind::kTimer && !last && Shows(record, records[index + 1]))) {
      lines[index] = false;
    }
  }
  return lines;
}

void Narrator::Pass(std::size_t index) {
  const TraceRecord& record = trace_.records()[index];
  if (record.kind == TraceKind::kDeliver) ++arrivals_[record.id];
  Writes& writes = writes_[record.node];
  if (record.kind == TraceKind::kWrite) writes.last = record.id;
  if (record.kind == TraceKind::kDurable) writes.durable = record.id;
  if (record.kind == TraceKind::kCrash) writes.durable = writes.last;  // what is lost is forgotten
}

Narrator::Writes Narrator::WritesOf(NodeId node) const {
  const auto found = writes_.find(node);
  return found == writes_.end() ? Writes() : found->second;
}

std::string Narrator::NameOf(const TraceRecord& record) const {
  return fmt::format("{}{} #{}", record.flag & kResponse ? "reply to " : "",
                     ShortName(trace_.methods()[record.method]), sim::RequestOf(record.id));
}

std::string Narrator::ContentsOf(std::size_t index) const {
  const TraceRecord& record = trace_.records()[index];
  const std::string_view payload = trace_.payload(record);
  if (record.flag & kError) return std::string(payload);
  const bool is_response = (record.flag & kResponse) || record.kind == TraceKind::kReturn;
  const std::string text = contents_.Message(trace_.methods()[record.method], is_response, payload);
  return text.empty() ? "(empty)" : text;
}

std::string Narrator::Sent(std::size_t index, Line& line) const {
  const std::vector<TraceRecord>& records = trace_.records();
  const TraceRecord& record = records[index];
  std::string text = NameOf(record);
  if (index + 1 < records.size() && records[index + 1].id == record.id) {
    if (records[index + 1].kind == TraceKind::kDrop) {
      line.arrow = Arrow::kLost;
      text += ", lost";
    } else if (records[index + 1].kind == TraceKind::kDuplicate) {
      text += ", sent once and to arrive twice";
    }
  }
  return fmt::format("{}: {}", text, ContentsOf(index));
}

std::string Narrator::Arrived(std::size_t index, bool told) const {
  const TraceRecord& record = trace_.records()[index];
  const std::size_t sending = causality_.Sending(index);
  if (sending == Causality::kNone ||
      trace_.records()[sending].kind !=
          TraceKind::kSend) {  // the peer's kernel says so, not the peer
    return fmt::format("{} #{} fails: {}", ShortName(trace_.methods()[record.method]),
                       sim::RequestOf(record.id), ContentsOf(index));
  }
  const bool again = arrivals_.contains(record.id);
  const std::string text = NameOf(record) + (again ? " arrives again" : " arrives");
  return told ? text : fmt::format("{}: {}", text, ContentsOf(sending));
}

std::string Narrator::Death(const TraceRecord& record) const {
  std::string text = record.flag != 0 ? "loses power" : "dies";
  const Writes writes = WritesOf(record.node);
  if (record.id > writes.durable) {
    text += fmt::format("; {}, though not yet durable, {} on its disk",
                        Range(writes.durable + 1, record.id),
                        record.id == writes.durable + 1 ? "is" : "are");
  }
  if (writes.last > record.id) {
    text += fmt::format("; {} {} lost", Range(record.id + 1, writes.last),
                        writes.last == record.id + 1 ? "is" : "are");
  }
  return text;
}

std::string Narrator::Durable(const TraceRecord& record) const {
  const std::uint64_t before = WritesOf(record.node).durable;
  return fmt::format("{} {} durable", Range(before + 1, record.id),
                     record.id == before + 1 ? "is" : "are");
}

Line Narrator::Message(std::size_t index, bool told) const {
  const TraceRecord& record = trace_.records()[index];
  Line line{.node = record.node, .peer = record.peer, .mark = 'o'};
  switch (record.kind) {
    case TraceKind::kSend:
      line.arrow = Arrow::kLeaves;
      line.text = Sent(index, line);
      break;
    case TraceKind::kDeliver:
      line.arrow = Arrow::kArrives;
      line.text = Arrived(index, told);
      break;
    case TraceKind::kRefused:
      line.arrow = Arrow::kBounces;
      line.mark = ' ';
      line.text =
          fmt::format("{} is refused: nothing listens at node {}", NameOf(record), record.peer);
      break;
    case TraceKind::kLost:
      line.mark = 'x';
      line.text = fmt::format("never sent: {}: {}", NameOf(record), ContentsOf(index));
      break;
    default:
      line.mark = 'T';
      line.text = NameOf(record) + " times out";
  }
  return line;
}

Line Narrator::Tell(std::size_t index, bool told) const {
  Line line = TellAlone(index, told);
  const std::vector<TraceRecord>& records = trace_.records();
  const bool by_timer = index > 0 && records[index - 1].kind == TraceKind::kTimer &&
                        Shows(records[index - 1], records[index]);
  if (by_timer) line.text = "timer: " + line.text;
  return line;
}

Line Narrator::TellAlone(std::size_t index, bool told) const {
  const TraceRecord& record = trace_.records()[index];
  const std::string text(trace_.payload(record));
  const auto line = [&](char mark, std::string what) {
    return Line{.node = record.node, .mark = mark, .text = std::move(what)};
  };
  switch (record.kind) {
    case TraceKind::kSend:
    case TraceKind::kDeliver:
    case TraceKind::kRefused:
    case TraceKind::kLost:
    case TraceKind::kTimeout:
      return Message(index, told);
    case TraceKind::kBoot:
      return line('B', record.id == 1 ? "boots" : "boots again");
    case TraceKind::kRefuse:
      return line('x', "does not boot: its disk is corrupt");
    case TraceKind::kCrash:
      return line('X', Death(record));
    case TraceKind::kPause:
      return line('=', "is stopped");
    case TraceKind::kResume:
      return line('=', "goes on");
    case TraceKind::kTimer:
      return line('t', "a timer");
    case TraceKind::kWrite:
      return line(
          'w', fmt::format("write {}{}: {}", record.id, record.flag & kSynced ? "" : ", not synced",
                           contents_.Batch(sim::DecodeBatch(text))));
    case TraceKind::kWriteError:
      return line('w', "a write fails: the disk is full");
    case TraceKind::kDurable:
      return line('D', Durable(record));
    case TraceKind::kLog:
      return line('"', fmt::format("says: {}", text));
    case TraceKind::kInvoke:
      return line('?', fmt::format("asked, operation {}: {} {}", record.id,
                                   ShortName(trace_.methods()[record.method]), ContentsOf(index)));
    case TraceKind::kReturn:
      return line('!',
                  fmt::format("operation {} {}: {}", record.id,
                              record.flag & kError ? "fails" : "is answered", ContentsOf(index)));
    case TraceKind::kFault:
      return line('~', text);
    case TraceKind::kNote:
      return line('-', text);
    case TraceKind::kDrop:
    case TraceKind::kDuplicate:
      break;
  }
  return line(' ', "");
}

}  // namespace quorum::report
