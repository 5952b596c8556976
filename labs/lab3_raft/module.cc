// What this lab's modules offer. Not a file to edit.
#include "common/env/module.h"

#include "common/log/register.h"
#include "labs/lab3_raft/kv.h"
#include "labs/lab3_raft/raft.h"

namespace quorum::raft {
namespace {

std::unique_ptr<Node> MakeRegisterNode(Env& env, const NodeConfig& config) {
  return log::MakeRegister(env, config, MakeRaftLog);
}

std::unique_ptr<Node> MakeKvNode(Env& env, const NodeConfig& config) {
  return kv::MakeServer(env, config, MakeRaftLog);
}

const Role kRoles[] = {
    {.name = kLogRole,
     .part = reinterpret_cast<void (*)()>(static_cast<ReplicatedLogFactory>(MakeRaftLog)),
     .part_type = kLogFactoryType},
    {.name = kRegisterRole, .node = MakeRegisterNode},
    {.name = kv::kServerPart,
     .part = reinterpret_cast<void (*)()>(static_cast<LogHostFactory>(kv::MakeServer)),
     .part_type = kLogHostFactoryType},
    {.name = kv::kRaftKvRole, .node = MakeKvNode},
    {.name = kv::kClientRole, .node = kv::MakeClient},
};

}  // namespace
}  // namespace quorum::raft

extern "C"
    __attribute__((visibility("default"))) constinit const quorum::ModuleTable quorum_module = {
        quorum::kAbiStamp, "raft", quorum::raft::kRoles};
