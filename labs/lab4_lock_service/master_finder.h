#pragma once

#include <cstdint>
#include <vector>

#include "common/env/env.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::lock_service {

/// Whom a client asks. Whoever does not serve is left for the next one, and that one is asked who
/// it is.
class MasterFinder {
 public:
  MasterFinder(Env& env, std::vector<NodeId> servers) : env_(env), servers_(std::move(servers)) {}

  NodeId master() const { return servers_[at_]; }
  /// `asked` has not answered, or is not the master.
  void Failed(NodeId asked);
  /// `asked` has just kept the session alive: it is the master, whatever else was too slow for us.
  void Served(NodeId asked);

 private:
  void TurnTo(NodeId server);

  Env& env_;
  const std::vector<NodeId> servers_;
  std::size_t at_ = 0;
  std::uint64_t search_ = 0;  // the number of the one that `asking_` is about
  bool asking_ = false;
};

}  // namespace quorum::lock_service
