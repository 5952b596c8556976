#pragma once

#include <atomic>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "common/env/time.h"
#include "common/node/testing/proxied_connection.h"
#include "common/storage/posix_file.h"

namespace quorum::testing {

/// A network link that a test holds in its hand: it listens, and carries what comes to another
/// address and back. Neither end can tell it from a slow or broken cable, and no root is needed.
class TcpProxy {
 public:
  /// `target` is "127.0.0.1:PORT"; nobody need listen there yet.
  explicit TcpProxy(std::string target);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  /// Where it listens.
  std::string address() const;

  /// From now on the link is so. What a cut one has not carried it carries once it is healed, as
  /// TCP does by sending again.
  void Set(LinkState state);

 private:
  void Run();
  void Accept();
  void Await(const LinkState& state, Time now);

  const std::string target_;
  FileDescriptor listener_;
  FileDescriptor wake_;
  std::mutex mutex_;
  LinkState state_;
  std::atomic<bool> stopped_ = false;
  std::list<ProxiedConnection> connections_;  // of the thread
  std::thread thread_;
};

}  // namespace quorum::testing
