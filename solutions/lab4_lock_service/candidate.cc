// Leader election (section 2.4): whoever holds the lock leads, and says so in the lock's own file.
#include <optional>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/local_user.h"
#include "labs/lab4_lock_service/recipes.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPause = 100ms;
constexpr Duration kStoreTimeout = 500ms;

class CandidateNode final : public Node {
 public:
  CandidateNode(Env& env, const NodeConfig& config)
      : env_(env),
        self_(config.self()),
        own_(OwnConfig<CandidateConfig>(config)),
        library_(env, LibraryConfig(config, own_)) {
    env_.Serve(kGetLeader, [this](const GetLeaderRequest&, auto responder) {
      GetLeader(std::move(responder));
    });
    env_.Serve(kWriteAsLeader, [this](const WriteAsLeaderRequest& request, auto responder) {
      WriteAsLeader(request, std::move(responder));
    });
    Campaign();
  }

 private:
  /// Opens the file, with a new session if there is none.
  void Campaign() {
    // [solution: Open the file for locking, and stand for election (handout 4E, step 2).]
    handle_ = 0;
    OpenRequest request;
    request.set_path(own_.path());
    request.set_write(true);
    request.set_create(OpenRequest::IF_ABSENT);
    library_.Ask(&LockClient::Open, request, [this](absl::StatusOr<OpenResponse> response) {
      if (!response.ok()) return Later();
      handle_ = response->handle();
      Stand();
    });
    // [end]
  }

  void Stand() {
    // [solution: Wait for the lock; whoever gets it says who it is (handout 4E, step 2).]
    AcquireRequest request;
    request.set_handle(handle_);
    request.set_mode(EXCLUSIVE);
    request.set_lock_delay_ns(own_.lock_delay_ns());
    library_.Ask(&LockClient::Acquire, request, [this](absl::StatusOr<AcquireResponse> response) {
      if (!response.ok()) return Later();
      SetContentsRequest name;
      name.set_handle(handle_);
      name.set_contents(std::to_string(self_));
      library_.Ask(&LockClient::SetContents, name,
                   [this](const auto& written) { written.ok() ? Listen() : Later(); });
    });
    // [end]
  }

  /// Stands again when it leads no more.
  void Listen() {
    // [solution: Wait for events, and after each see whether it is over (handout 4E, step 2).]
    NextEventsRequest request;
    request.set_after(last_event_);
    library_.Ask(&LockClient::NextEvents, request, [this](const auto& response) {
      last_event_ = response->events().rbegin()->number();
      // Not from within the library's own handler. And what events say may be of a session before:
      // the lock tells.
      again_ = env_.After(0ms, [this] { SeeWhetherItLeads(); });
    });
    // [end]
  }

  void SeeWhetherItLeads() {
    // [solution: Ask the library, and listen on, or stand again (handout 4E, step 2).]
    HoldsLockRequest request;
    request.set_handle(handle_);
    library_.Ask(&LockClient::HoldsLock, request, [this](const auto& answer) {
      const bool leads = answer.ok() && answer->held();
      again_ = env_.After(0ms, [this, leads] { leads ? Listen() : Campaign(); });
    });
    // [end]
  }

  void Later() {
    again_ = env_.After(kPause, [this] { Campaign(); });
  }

  void GetLeader(Responder<GetLeaderResponse> responder) {
    // [solution: Say what the file says (handout 4E, step 2).]
    GetContentsAndStatRequest request;
    request.set_handle(handle_);
    library_.Ask(&LockClient::GetContentsAndStat, request,
                 [responder = std::move(responder)](
                     absl::StatusOr<GetContentsAndStatResponse> file) mutable {
                   if (!file.ok()) return responder.Fail(file.status());
                   GetLeaderResponse response;
                   if (!file->contents().empty()) {
                     response.set_leader(static_cast<NodeId>(std::stoul(file->contents())));
                   }
                   responder.Reply(response);
                 });
    // [end]
  }

  void WriteAsLeader(const WriteAsLeaderRequest& request,
                     Responder<WriteAsLeaderResponse> responder) {
    // [solution: Ask the store, with your sequencer, if the library says that you hold the lock
    // (handout 4E, step 3).]
    HoldsLockRequest holds;
    holds.set_handle(handle_);
    library_.Ask(&LockClient::HoldsLock, holds,
                 [this, request, responder = std::move(responder)](
                     absl::StatusOr<HoldsLockResponse> answer) mutable {
                   if (answer.ok() && answer->held()) {
                     return Order(request, answer->sequencer(), std::move(responder));
                   }
                   WriteAsLeaderResponse response;
                   response.set_outcome(WriteAsLeaderResponse::NOT_LEADER);
                   responder.Reply(response);
                 });
    // [end]
  }

  void Order(const WriteAsLeaderRequest& request, const Sequencer& sequencer,
             Responder<WriteAsLeaderResponse> responder) {
    // [solution: Tell what became of it (handout 4E, step 3).]
    WriteFencedRequest order;
    *order.mutable_sequencer() = sequencer;
    order.set_key(request.key());
    order.set_value(request.value());
    env_.Call(own_.store(), kWriteFenced, order, kStoreTimeout,
              [generation = sequencer.generation(), responder = std::move(responder)](
                  absl::StatusOr<WriteFencedResponse> answer) mutable {
                WriteAsLeaderResponse response;
                if (answer.ok()) {
                  response.set_outcome(answer->written() ? WriteAsLeaderResponse::WRITTEN
                                                         : WriteAsLeaderResponse::FENCED);
                  response.set_generation(generation);
                }
                responder.Reply(response);
              });
    // [end]
  }

  Env& env_;
  const NodeId self_;
  const CandidateConfig own_;
  std::uint64_t handle_ = 0;
  std::uint64_t last_event_ = 0;
  Timer again_;
  LocalUser library_;  // last: it is destroyed first
};

}  // namespace

std::unique_ptr<Node> MakeCandidate(Env& env, const NodeConfig& config) {
  return std::make_unique<CandidateNode>(env, config);
}

}  // namespace quorum::lock_service
