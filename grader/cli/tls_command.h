#pragma once

#include "CLI/App.hpp"

namespace quorum::cli {

/// `quorum tls DIR NAME...`: certificates for trying out mutual TLS. Exit codes: 0 done, 1 they
/// cannot be made, 2 bad usage.
void AddTlsCommand(CLI::App& app, int& exit_code);

}  // namespace quorum::cli
