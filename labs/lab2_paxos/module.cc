// What this lab's modules offer. Not a file to edit.
#include "common/env/module.h"

#include "labs/lab2_paxos/paxos.h"

namespace quorum::paxos {
namespace {

const Role kRoles[] = {
    {.name = kSynodRole, .node = MakeSynodNode},
};

}  // namespace
}  // namespace quorum::paxos

extern "C"
    __attribute__((visibility("default"))) constinit const quorum::ModuleTable quorum_module = {
        quorum::kAbiStamp, "paxos", quorum::paxos::kRoles};
