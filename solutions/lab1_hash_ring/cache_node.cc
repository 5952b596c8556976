#include <optional>
#include <utility>

// [skeleton: #include "common/env/not_written.h"]
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
    // [solution: Execute what is new, store it, bring it everywhere, answer (handout 1C, steps 4
    // and 6).]
    if (!MayServe(request, responder)) return;
    if (!hand_over_.copier().Complete(request.key())) {
      return FetchFirst(request, std::move(responder), &CacheNode::Write);
    }
    std::optional<Record> record = FindRecord(env_.storage(), request.key());
    const Executed* last = record ? LastWriteOf(request.id(), *record) : nullptr;
    if (last != nullptr && Earlier(request.id(), last->id())) {
      // A late repetition: nobody waits for its answer any more.
      return responder.Fail(absl::AbortedError("A later write of this client was executed."));
    }
    if (last == nullptr || Earlier(last->id(), request.id())) {
      Record next = Execute(request, record);
      if (const absl::Status written = Store(next); !written.ok()) return responder.Fail(written);
      record = std::move(next);
    }
    if (const absl::Status adopted = Adopt(*record); !adopted.ok()) return responder.Fail(adopted);
    // New or repeated: the answer is the same, and it waits for all replicas. A repetition may come
    // after a crash that has cut the first attempt short.
    Spread(*record, [this, version = LastWriteOf(request.id(), *record)->version(),
                     responder = std::move(responder)](bool everywhere) mutable {
      WriteResponse response;
      if (everywhere) {
        *response.mutable_version() = version;
      } else {
        *response.mutable_newer() = rings().history();
      }
      responder.Reply(response);
    });
    // [end]
  }

  /// Reads a key as its primary.
  void Read(const ReadRequest& request, Responder<ReadResponse> responder) {
    // [solution: Bring the record everywhere before you show it (handout 1C, steps 4 and 7).]
    if (!MayServe(request, responder)) return;
    if (!hand_over_.copier().Complete(request.key())) {
      return FetchFirst(request, std::move(responder), &CacheNode::Read);
    }
    std::optional<Record> record = FindRecord(env_.storage(), request.key());
    if (!record) return responder.Reply({});
    if (const absl::Status adopted = Adopt(*record); !adopted.ok()) return responder.Fail(adopted);
    // A record that is not yet everywhere can still get lost with this node. Whoever has read it
    // must not live to see that, so it is brought everywhere first.
    Spread(*record, [this, record, responder = std::move(responder)](bool everywhere) mutable {
      ReadResponse response;
      if (everywhere) {
        record->clear_executed();
        *response.mutable_record() = *std::move(record);
      } else {
        *response.mutable_newer() = rings().history();
      }
      responder.Reply(response);
    });
    // [end]
  }

  /// Takes a record from the primary of its key.
  void Replicate(const ReplicateRequest& request, Responder<ReplicateResponse> responder) {
    // [solution: Store the record if it is newer; answer with the version held (handout 1C, step
    // 5).]
    if (!SameEpoch(request, responder)) return;
    const Record& record = request.record();
    const std::optional<Record> held = FindRecord(env_.storage(), record.key());
    ReplicateResponse response;
    if (held && !Newer(record.version(), held->version())) {
      *response.mutable_held() = held->version();  // an older record comes late
      return responder.Reply(response);
    }
    if (const absl::Status written = Store(record); !written.ok()) return responder.Fail(written);
    *response.mutable_held() = record.version();
    responder.Reply(response);
    // [end]
  }

  /// The fence between epochs: true when sender and receiver are in the same one. Otherwise it
  /// answers.
  template <class Request, class Response>
  bool SameEpoch(const Request& request, Responder<Response>& responder) {
    // [solution: Refuse requests of other epochs (handout 1D, step 3).]
    if (request.epoch() == rings().epoch()) return true;
    if (request.epoch() > rings().epoch()) {
      responder.Fail(absl::FailedPreconditionError("I have not entered that epoch yet."));
      return false;
    }
    Response response;
    *response.mutable_newer() = rings().history();
    responder.Reply(response);
    return false;
    // [end]
  }

  template <class Request, class Response>
  bool MayServe(const Request& request, Responder<Response>& responder) {
    // [solution: Check that this node is the primary of the key (handout 1C, step 4).]
    if (!SameEpoch(request, responder)) return false;
    const std::vector<NodeId> replicas = rings().Replicas(request.key());
    if (!replicas.empty() && replicas.front() == self_) return true;
    responder.Fail(absl::FailedPreconditionError("I am not the primary of that key."));
    return false;
    // [end]
  }

  /// Gives a record of an earlier epoch a version of this one.
  absl::Status Adopt(Record& record) {
    // [solution: Make the record one of this epoch, and store it (handout 1D, step 8).]
    // Another replica may hold a record of an epoch between that nobody was told of, and that was
    // made without this one. To it this one would be old, and later it would win.
    if (record.version().epoch() == rings().epoch()) return absl::OkStatus();
    record.mutable_version()->set_epoch(rings().epoch());
    record.mutable_version()->set_counter(1);
    return Store(record);
    // [end]
  }

  absl::Status Store(const Record& record) {
    // [solution: Write the record to the disk (handout 1C, step 4).]
    WriteBatch batch;
    batch.PutMessage(RecordKey(record.key()), record);
    return env_.storage().Write(batch);
    // [end]
  }

  void Spread(const Record& record, Spreader::Done done) {
    // [solution: Hand the record to the other replicas of its key (handout 1C, step 5).]
    std::vector<NodeId> others = rings().Replicas(record.key());
    std::erase(others, self_);
    spreader_.Spread(record, rings().epoch(), others, std::move(done));
    // [end]
  }

  /// 1E: answers a request for a key that is still to be handed over, by fetching the key first.
  template <class Request, class Response>
  void FetchFirst(const Request& request, Responder<Response> responder,
                  void (CacheNode::*answer)(const Request&, Responder<Response>)) {
    // [solution: Fetch the key, then answer; or say that it is not there yet (handout 1E, step 2).]
    hand_over_.copier().Fetch(
        request.key(),
        [this, request, answer, responder = std::move(responder)](bool complete) mutable {
          if (complete) return (this->*answer)(request, std::move(responder));
          responder.Fail(absl::UnavailableError("The key is being handed over to me."));
        });
    // [end]
  }

  void Entered() {
    // [solution: Tell the router, and give up what is under way (handout 1D, step 3).]
    router_.Learn(rings().history());
    spreader_.GiveUp();
    // [end]
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
