#pragma once

#include "grader/scenarios/kv/kv_room.h"
#include "grader/scenarios/raft/rules.h"
#include "grader/scenarios/raft/watch.h"

namespace quorum::grader::kv {

/// The service over the implementation's own Raft, whose rules are watched as well: a failure of
/// the log is not blamed on the service.
class RaftKvRoom final : public KvRoom {
 public:
  RaftKvRoom(Stage& stage, const RoomOptions& options);

 private:
  bool CatchesUp(NodeId server) const override {
    const auto found = ledger_.servers().find(server);
    return found == ledger_.servers().end() || !found->second.lost;
  }

  raft::Ledger ledger_;
  raft::Watch watch_;
};

/// 3 or 5 servers, as the seed draws.
int DrawServers(Stage& stage);

}  // namespace quorum::grader::kv
