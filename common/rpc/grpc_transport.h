#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/env/time.h"
#include "common/rpc/tls_identity.h"
#include "common/rpc/transport.h"

namespace quorum {

/// The largest message that a gRPC transport sends or takes, in bytes; a larger one ends its call
/// with RESOURCE_EXHAUSTED. Snapshots must fit or be cut.
inline constexpr int kMaxMessageBytes = 64 << 20;

/// Where a process listens, and where the others do.
struct GrpcAddresses {
  /// "HOST:PORT"; with port 0 the system picks one. Empty: this process only calls.
  std::string listen;
  /// "HOST:PORT" of each node that may be called.
  std::map<NodeId, std::string> peers;
  /// Who this process is. It is believed, and believes others, by certificates of one authority
  /// (mutual TLS). Absent: everything is in plain text and nobody has a name, so that it listens
  /// on loopback only.
  std::optional<TlsIdentity> tls = {};
};

/// A transport over gRPC. With TLS nothing is served, reflection and health included, to whoever
/// has no certificate of the authority, and a caller's name is its certificate's common name. Any
/// gRPC client can call the methods that a node serves, without knowing their types here; the
/// standard health service and server reflection answer for the services announced so far.
class GrpcTransport : public Transport {
 public:
  /// The port on which it listens; after a successful `Start`.
  virtual int port() const = 0;
};

/// Makes a transport; nothing is sent or opened before the first call or `Start`.
std::unique_ptr<GrpcTransport> MakeGrpcTransport(GrpcAddresses addresses);

}  // namespace quorum
