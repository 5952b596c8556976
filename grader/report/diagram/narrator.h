#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "grader/report/diagram/causality.h"
#include "grader/report/diagram/contents.h"
#include "grader/sim/trace.h"

namespace quorum::report {

/// How a line of a diagram draws the way of a message.
enum class Arrow {
  kNone,
  kLeaves,   ///< from the node towards the peer
  kLost,     ///< the same, and it ends there
  kArrives,  ///< from the peer at the node
  kBounces,  ///< from the node at the peer, where nobody is
};

/// One line of a diagram: what to draw, and what to say beside it.
struct Line {
  NodeId node = 0;  ///< 0: it is about no node, and goes across
  NodeId peer = 0;
  char mark = ' ';  ///< on the node's lane
  Arrow arrow = Arrow::kNone;
  std::string text = {};
};

/// Which records of a trace are worth a line of their own: not a timer that does something visible
/// at once, nor what the network does with a message as it is sent, nor a refusal that the caller
/// hears of. Other lines tell of these.
std::vector<bool> RecordsWithLines(const sim::Trace& trace);

/// Puts the records of a trace into words.
class Narrator {
 public:
  /// Both outlive the narrator.
  Narrator(const sim::Trace& trace, const Causality& causality)
      : trace_(trace), causality_(causality), contents_(trace.methods()) {}

  /// Takes note of the record `index`; called for each record in order.
  void Pass(std::size_t index);
  /// The line of record `index`, before it is passed. `told` says whether the reader has seen the
  /// line of its sending, and with it the contents.
  Line Tell(std::size_t index, bool told) const;

 private:
  struct Writes {
    std::uint64_t last = 0;
    std::uint64_t durable = 0;
  };

  Line TellAlone(std::size_t index, bool told) const;
  Line Message(std::size_t index, bool told) const;
  std::string Sent(std::size_t index, Line& line) const;
  std::string Arrived(std::size_t index, bool told) const;
  std::string Death(const sim::TraceRecord& record) const;
  std::string Durable(const sim::TraceRecord& record) const;
  std::string NameOf(const sim::TraceRecord& record) const;
  std::string ContentsOf(std::size_t index) const;
  Writes WritesOf(NodeId node) const;

  const sim::Trace& trace_;
  const Causality& causality_;
  const Contents contents_;
  std::map<NodeId, Writes> writes_;
  std::unordered_map<std::uint64_t, int> arrivals_;
};

}  // namespace quorum::report
