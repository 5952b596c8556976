#pragma once

namespace quorum {

/// One node of a cluster, or one client: what a role's factory makes. It is built with its `Env`
/// and `NodeConfig` when the process boots, and again after each restart; its constructor reads
/// what `Env::storage` still holds, and registers handlers with `Env::Serve`. A crash destroys it:
/// whatever was only in its fields is gone. Its destructor must not use the `Env`.
class Node {
 public:
  virtual ~Node() = default;
};

}  // namespace quorum
