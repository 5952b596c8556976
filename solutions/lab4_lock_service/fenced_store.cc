// A store that orders of an old leader do not reach (section 2.4; Kleppmann, "How to do distributed
// locking", 2016).
#include <algorithm>
#include <string>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/recipes.h"

namespace quorum::lock_service {
namespace {

class FencedStore final : public Node {
 public:
  explicit FencedStore(Env& env) : env_(env) {
    env_.Serve(kWriteFenced, [this](const WriteFencedRequest& request, auto responder) {
      Write(request, std::move(responder));
    });
    env_.Serve(kReadFenced, [this](const ReadFencedRequest& request, auto responder) {
      ReadFencedResponse response;
      const auto value = GetMessage<FencedValue>(env_.storage(), "value/" + request.key());
      response.set_found(value.has_value());
      if (value) response.set_value(value->value());
      if (value) response.set_generation(value->generation());
      responder.Reply(response);
    });
  }

 private:
  void Write(const WriteFencedRequest& request, Responder<WriteFencedResponse> responder) {
    // [solution: Refuse who comes with a smaller generation than somebody did before, and remember
    // the largest with what is written (handout 4E, step 1).]
    const std::string fence_key = "fence/" + request.sequencer().path();
    Fence fence = GetMessage<Fence>(env_.storage(), fence_key).value_or(Fence());
    WriteFencedResponse response;
    response.set_written(request.sequencer().generation() >= fence.generation());
    fence.set_generation(std::max(fence.generation(), request.sequencer().generation()));
    response.set_generation(fence.generation());
    if (!response.written()) return responder.Reply(response);
    FencedValue value;
    value.set_value(request.value());
    value.set_generation(request.sequencer().generation());
    // In one batch: a store that forgot whom it has obeyed would obey an older one.
    WriteBatch batch;
    batch.PutMessage(fence_key, fence);
    batch.PutMessage("value/" + request.key(), value);
    if (const absl::Status written = env_.storage().Write(batch); !written.ok()) {
      return responder.Fail(written);
    }
    responder.Reply(response);
    // [end]
  }

  Env& env_;
};

}  // namespace

std::unique_ptr<Node> MakeFencedStore(Env& env, const NodeConfig& config) {
  return std::make_unique<FencedStore>(env);
}

}  // namespace quorum::lock_service
