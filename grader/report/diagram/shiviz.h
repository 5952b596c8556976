#pragma once

#include <string>

#include "grader/sim/trace.h"

namespace quorum::report {

/// A kept trace as a log that ShiViz can show (https://bestchai.bitbucket.io/shiviz/): the regular
/// expression that its events match, an empty line (there is one execution), and then each event in
/// two lines: the time in milliseconds and what happened, and the host with its vector clock.
/// Faults and the scenario's steps are events of a host of their own.
std::string ShiViz(const sim::Trace& trace);

}  // namespace quorum::report
