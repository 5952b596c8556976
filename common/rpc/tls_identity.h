#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace quorum {

/// How a process shows others who it is, and knows whom to believe: three texts in PEM. The
/// certificate's common name is the process's name: "node-3" of a node, and any other of a client.
struct TlsIdentity {
  std::string authority;  ///< the certificate of whoever signs all others
  std::string certificate;
  std::string key;
};

/// Reads `ca.crt`, `NAME.crt` and `NAME.key` in `folder`. The error says which cannot be read.
absl::StatusOr<TlsIdentity> ReadTlsIdentity(const std::string& folder, const std::string& name);

/// Whether "HOST:PORT" can be reached from this machine only.
bool IsLoopback(const std::string& address);

}  // namespace quorum
