#pragma once

#include <string>

#include "absl/status/status.h"

namespace quorum::cli {

/// Makes, unless it is there, an authority of one's own in `folder`: `ca.crt` and `ca.key`. For
/// trying things out: its key lies beside what it signs.
absl::Status MakeAuthority(const std::string& folder);

/// Makes, unless they are there, `NAME.crt` and `NAME.key` in `folder`, signed by its authority.
/// "node-3" may serve, on this machine, and call; any other name may only call. The error is a
/// sentence.
absl::Status MakeCertificate(const std::string& folder, const std::string& name);

/// The name of the client for whom a cluster makes a certificate by itself.
inline constexpr const char* kUsualClient = "client";

}  // namespace quorum::cli
