#include "labs/lab1_hash_ring/cache.h"
#include "labs/lab1_hash_ring/lost_data.h"
#include "labs/lab1_hash_ring/router.h"

namespace quorum::hash_ring {
namespace {

class CacheClient final : public Node {
 public:
  CacheClient(Env& env, const NodeConfig& config) : router_(env, config) {
    router_.ServeKeys();
    router_.ServeInstallRing();
  }

 private:
  Router router_;
};

}  // namespace

std::unique_ptr<Node> MakeCacheClient(Env& env, const NodeConfig& config) {
  if (HasLostItsData(env, config)) return MakeRefusingNode(env);
  return std::make_unique<CacheClient>(env, config);
}

}  // namespace quorum::hash_ring
