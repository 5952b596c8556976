#include <optional>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab1_hash_ring/cache.h"
#include "labs/lab1_hash_ring/hand_over.h"
#include "labs/lab1_hash_ring/lost_data.h"
#include "labs/lab1_hash_ring/records.h"
#include "labs/lab1_hash_ring/router.h"
#include "labs/lab1_hash_ring/spreader.h"

namespace quorum::hash_ring {
namespace {

class CacheNode final : public Node {
 public:
  CacheNode(Env& env, const NodeConfig& config)
      : env_(env),
        self_(config.self()),
        router_(env, config),
        spreader_(env, [this](const RingHistory& newer) { (void)hand_over_.Learn(newer); }),
        hand_over_(env, config, [this] { Entered(); }) {
    router_.ServeKeys();
    env_.Serve(kWrite, [this](const WriteRequest& request, Responder<WriteResponse> responder) {
      Write(request, std::move(responder));
    });
    env_.Serve(kRead, [this](const ReadRequest& request, Responder<ReadResponse> responder) {
      Read(request, std::move(responder));
    });
    env_.Serve(kReplicate,
               [this](const ReplicateRequest& request, Responder<ReplicateResponse> responder) {
                 Replicate(request, std::move(responder));
               });
    env_.Serve(kInstallRing,
               [this](const InstallRingRequest& request, Responder<InstallRingResponse> responder) {
                 hand_over_.InstallRing(request, std::move(responder));
               });
    env_.Serve(kEnterRing,
               [this](const EnterRingRequest& request, Responder<EnterRingResponse> responder) {
                 hand_over_.EnterRing(request, std::move(responder));
               });
    env_.Serve(kCopyArcs,
               [this](const CopyArcsRequest& request, Responder<CopyArcsResponse> responder) {
                 hand_over_.copier().CopyArcs(request, std::move(responder));
               });
  }

 private:
  const Rings& rings() const { return hand_over_.rings(); }

  /// Executes a write as the primary of its key.
  void Write(const WriteRequest& request, Responder<WriteResponse> responder) {
    NotWritten(
        "Execute what is new, store it, bring it everywhere, answer (handout 1C, steps 4 and 6).");
  }

  /// Reads a key as its primary.
  void Read(const ReadRequest& request, Responder<ReadResponse> responder) {
    NotWritten("Bring the record everywhere before you show it (handout 1C, steps 4 and 7).");
  }

  /// Takes a record from the primary of its key.
  void Replicate(const ReplicateRequest& request, Responder<ReplicateResponse> responder) {
    NotWritten(
        "Store the record if it is newer; answer with the version held (handout 1C, step 5).");
  }

  /// The fence between epochs: true when sender and receiver are in the same one. Otherwise it
  /// answers.
  template <class Request, class Response>
  bool SameEpoch(const Request& request, Responder<Response>& responder) {
    NotWritten("Refuse requests of other epochs (handout 1D, step 3).");
  }

  template <class Request, class Response>
  bool MayServe(const Request& request, Responder<Response>& responder) {
    NotWritten("Check that this node is the primary of the key (handout 1C, step 4).");
  }

  /// Gives a record of an earlier epoch a version of this one.
  absl::Status Adopt(Record& record) {
    NotWritten("Make the record one of this epoch, and store it (handout 1D, step 8).");
  }

  absl::Status Store(const Record& record) {
    NotWritten("Write the record to the disk (handout 1C, step 4).");
  }

  void Spread(const Record& record, Spreader::Done done) {
    NotWritten("Hand the record to the other replicas of its key (handout 1C, step 5).");
  }

  /// 1E: answers a request for a key that is still to be handed over, by fetching the key first.
  template <class Request, class Response>
  void FetchFirst(const Request& request, Responder<Response> responder,
                  void (CacheNode::*answer)(const Request&, Responder<Response>)) {
    NotWritten("Fetch the key, then answer; or say that it is not there yet (handout 1E, step 2).");
  }

  void Entered() {
    NotWritten("Tell the router, and give up what is under way (handout 1D, step 3).");
  }

  Env& env_;
  NodeId self_;
  Router router_;
  Spreader spreader_;
  HandOver hand_over_;
};

}  // namespace

std::unique_ptr<Node> MakeCacheNode(Env& env, const NodeConfig& config) {
  if (HasLostItsData(env, config)) return MakeRefusingNode(env);
  return std::make_unique<CacheNode>(env, config);
}

}  // namespace quorum::hash_ring
