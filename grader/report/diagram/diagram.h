#pragma once

#include <optional>
#include <string>

#include "common/env/time.h"
#include "grader/sim/trace.h"

namespace quorum::report {

/// Where a run ended because something broke.
struct Ending {
  NodeId node = 0;        ///< whose doing it is; 0: nobody's in particular
  std::string text = {};  ///< what to say there
};

/// How much of a run is drawn, and how wide.
struct DiagramOptions {
  std::size_t width = 100;
  /// The last so many lines among those that can have to do with the ending; 0: everything.
  std::size_t lines = 40;
};

/// Draws a kept trace as a space-time diagram: a lane for each node, time running down, the way of
/// each message, and in words beside it what happens. Ends with a newline.
///
/// What can have to do with the ending is the causal past of the last event of its node and of the
/// answers that clients have got; all of the run, when the ending has no node.
std::string Diagram(const sim::Trace& trace, const std::optional<Ending>& ending,
                    const DiagramOptions& options = {});

}  // namespace quorum::report
