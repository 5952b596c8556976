#pragma once

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>

namespace quorum::bench {

/// Reads the command line of a measurement. Ends the process when there is nothing to measure: with
/// 0 after --help, and with 2 and a sentence when it makes no sense.
inline void ReadArguments(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help) {
    std::exit(app.exit(asked_for_help));
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s (see --help)\n", app.get_name().c_str(), error.what());
    std::exit(2);
  }
}

}  // namespace quorum::bench
