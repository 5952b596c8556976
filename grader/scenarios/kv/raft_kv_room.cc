#include "grader/scenarios/kv/raft_kv_room.h"

namespace quorum::grader::kv {
namespace {

raft::Membership AllServers(int servers) {
  raft::Membership membership;
  for (int node = 1; node <= servers; ++node) membership.voters.insert(static_cast<NodeId>(node));
  return membership;
}

}  // namespace

RaftKvRoom::RaftKvRoom(Stage& stage, const RoomOptions& options)
    : KvRoom(stage, options), ledger_(AllServers(options.servers)), watch_(ledger_) {
  stage.world().Watch(watch_);
  raft::WatchRules(stage, watch_, mutable_tap(), ledger_);
  BootAll(stage.part<LogHostFactory>(quorum::kv::kServerPart, kLogHostFactoryType),
          stage.part<ReplicatedLogFactory>(quorum::raft::kLogRole, quorum::raft::kLogFactoryType),
          stage.node_factory(quorum::kv::kClientRole));
}

int DrawServers(Stage& stage) { return stage.random().Below(2) == 0 ? 3 : 5; }

}  // namespace quorum::grader::kv
