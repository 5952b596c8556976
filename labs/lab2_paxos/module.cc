// What this lab's modules offer. Not a file to edit.
#include "common/env/module.h"

#include "common/log/register.h"
#include "labs/lab2_paxos/administrator.h"
#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

std::unique_ptr<Node> MakeRegisterNode(Env& env, const NodeConfig& config) {
  return log::MakeRegister(env, config, MakePaxosLog);
}

std::unique_ptr<Node> MakeAdministratorNode(Env& env, const NodeConfig& config) {
  return MakeAdministrator(env, config, MakePaxosLog);
}

const Role kRoles[] = {
    {.name = kSynodRole, .node = MakeSynodNode},
    {.name = kLogRole,
     .part = reinterpret_cast<void (*)()>(static_cast<ReplicatedLogFactory>(MakePaxosLog)),
     .part_type = kLogFactoryType},
    {.name = kRegisterRole, .node = MakeRegisterNode},
    {.name = kAdministratorRole, .node = MakeAdministratorNode},
};

}  // namespace
}  // namespace quorum::paxos

extern "C"
    __attribute__((visibility("default"))) constinit const quorum::ModuleTable quorum_module = {
        quorum::kAbiStamp, "paxos", quorum::paxos::kRoles};
