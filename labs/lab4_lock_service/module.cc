// What this lab's modules offer. Not a file to edit.
#include "common/env/module.h"

#include "labs/lab4_lock_service/lock_service.h"
#include "labs/lab4_lock_service/recipes.h"
#include "labs/lab4_lock_service/ring_keeper.h"

namespace quorum::lock_service {
namespace {

const Role kRoles[] = {
    {.name = kServerRole,
     .part = reinterpret_cast<void (*)()>(static_cast<LogHostFactory>(MakeLockServer)),
     .part_type = kLogHostFactoryType},
    {.name = kClientRole, .node = MakeLockClient},
    {.name = kStoreRole, .node = MakeFencedStore},
    {.name = kCandidateRole, .node = MakeCandidate},
    {.name = kNamesRole, .node = MakeNames},
    {.name = kRingKeeperRole, .node = MakeRingKeeper},
    {.name = kCacheFrontRole, .node = MakeCacheFront},
};

}  // namespace
}  // namespace quorum::lock_service

extern "C"
    __attribute__((visibility("default"))) constinit const quorum::ModuleTable quorum_module = {
        quorum::kAbiStamp, "lock_service", quorum::lock_service::kRoles};
