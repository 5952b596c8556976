#include "labs/lab1_hash_ring/lost_data.h"

#include "labs/lab1_hash_ring/cache.h"

namespace quorum::hash_ring {
namespace {

class RefusingNode final : public Node {
 public:
  explicit RefusingNode(Env& env) {
    env.Log("My data is gone. A new node, under a new id, has to take my place.");
    Refuse(env, kPut);
    Refuse(env, kAppend);
    Refuse(env, kDelete);
    Refuse(env, kGet);
    Refuse(env, kInstallRing);
    Refuse(env, kWrite);
    Refuse(env, kRead);
    Refuse(env, kReplicate);
    Refuse(env, kEnterRing);
    Refuse(env, kCopyArcs);
  }

 private:
  template <class Request, class Response>
  static void Refuse(Env& env, const Method<Request, Response>& method) {
    env.Serve(method, [](const Request&, Responder<Response> responder) {
      responder.Fail(absl::FailedPreconditionError("This node has lost its data."));
    });
  }
};

}  // namespace

bool HasLostItsData(Env& env, const NodeConfig& config) {
  // [solution]
  bool empty = true;
  env.storage().Scan("", [&](std::string_view, std::string_view) { return empty = false; });
  return empty && !config.first_boot();
  // [end]
  // [skeleton: return false;  // handout 1D, step 2]
}

std::unique_ptr<Node> MakeRefusingNode(Env& env) { return std::make_unique<RefusingNode>(env); }

}  // namespace quorum::hash_ring
