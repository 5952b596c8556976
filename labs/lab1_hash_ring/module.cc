// What this lab's modules offer. Not a file to edit.
#include "common/env/module.h"

#include "labs/lab1_hash_ring/bounded_load.h"
#include "labs/lab1_hash_ring/cache.h"
#include "labs/lab1_hash_ring/hash_ring.h"

namespace quorum::hash_ring {
namespace {

const Role kRoles[] = {
    {.name = kRingRole,
     .part = reinterpret_cast<void (*)()>(static_cast<RingFactory>(MakeHashRing)),
     .part_type = kRingFactoryType},
    {.name = kBoundedLoadRole,
     .part = reinterpret_cast<void (*)()>(static_cast<BoundedLoadFactory>(MakeBoundedLoad)),
     .part_type = kBoundedLoadFactoryType},
    {.name = kCacheNodeRole, .node = MakeCacheNode},
    {.name = kCacheClientRole, .node = MakeCacheClient},
};

}  // namespace
}  // namespace quorum::hash_ring

extern "C"
    __attribute__((visibility("default"))) constinit const quorum::ModuleTable quorum_module = {
        quorum::kAbiStamp, "hash_ring", quorum::hash_ring::kRoles};
