// Uses lab 1's cache for others, and follows the published ring by its events.
#include <type_traits>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab1_hash_ring/cache.h"
#include "labs/lab4_lock_service/local_user.h"
#include "labs/lab4_lock_service/ring_keeper.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLongestTry = 2s;
constexpr Duration kPause = 60ms;

class CacheFront final : public Node {
 public:
  CacheFront(Env& env, const NodeConfig& config)
      : env_(env),
        own_(OwnConfig<CacheFrontConfig>(config)),
        library_(env, LibraryConfig(config, own_)) {
    ServeBy(hash_ring::kPut);
    ServeBy(hash_ring::kAppend);
    ServeBy(hash_ring::kDelete);
    ServeBy(hash_ring::kGet);
    Watch();
    Listen();
  }

 private:
  template <class Request, class Response>
  void ServeBy(const Method<Request, Response>& method) {
    env_.Serve(method, [this, method](const Request& request, Responder<Response> responder) {
      AskMember(method, request, std::move(responder), members_.size());
    });
  }

  /// Asks the member whose turn it is; a get may be asked of `tries` of them.
  template <class Request, class Response>
  void AskMember(const Method<Request, Response>& method, const Request& request,
                 Responder<Response> responder, std::size_t tries) {
    // [solution: Ask a member of the ring that was published last, and another one if a get finds
    // it dead (handout 4E, step 6).]
    if (members_.empty()) return responder.Fail(absl::UnavailableError("No ring is known yet."));
    const NodeId member = members_[turn_++ % members_.size()];
    const Duration left = std::min<Duration>(responder.deadline() - env_.Now(), kLongestTry);
    env_.Call(member, method, request, left,
              [this, method, request, tries,
               responder = std::move(responder)](absl::StatusOr<Response> response) mutable {
                if (response.ok()) return responder.Reply(*response);
                constexpr bool kReads = std::is_same_v<Request, hash_ring::GetRequest>;
                if (kReads && tries > 1 && absl::IsUnavailable(response.status())) {
                  return AskMember(method, request, std::move(responder), tries - 1);
                }
                responder.Fail(response.status());
              });
    // [end]
  }

  /// In each session once: opens the file of the ring, to be told when it changes.
  void Watch() {
    // [solution: Open the file with the wish for events of its contents, then read it (handout 4E,
    // step 6).]
    OpenRequest request;
    request.set_path(own_.published());
    request.add_events(CONTENTS_CHANGED);
    library_.Ask(&LockClient::Open, request, [this](absl::StatusOr<OpenResponse> open) {
      if (!open.ok() || open->handle() == 0) {  // nobody has published a ring
        retry_ = env_.After(kPause, [this] { Watch(); });
        return;
      }
      file_ = open->handle();
      Read();
    });
    // [end]
  }

  void Read() {
    // [solution: From now on ask the members of this ring (handout 4E, step 6).]
    GetContentsAndStatRequest request;
    request.set_handle(file_);
    library_.Ask(&LockClient::GetContentsAndStat, request, [this](const auto& file) {
      if (!file.ok()) return;  // the session has ended: it will be told
      PublishedRing published;
      published.ParseFromString(file->contents());
      if (published.ring().epoch() < epoch_) return;  // an answer that was overtaken
      epoch_ = published.ring().epoch();
      members_.clear();
      for (const hash_ring::Member& member : published.ring().members()) {
        members_.push_back(member.node());
      }
    });
    // [end]
  }

  void Listen() {
    // [solution: Read again when the file has changed, and watch again in the next session (handout
    // 4E, step 6).]
    NextEventsRequest request;
    request.set_after(last_event_);
    library_.Ask(&LockClient::NextEvents, request, [this](const auto& response) {
      bool over = false;
      bool changed = false;
      for (const Event& event : response->events()) {
        last_event_ = event.number();
        over = over || event.kind() == SESSION_EXPIRED;
        changed = changed || event.kind() == CONTENTS_CHANGED || event.kind() == EVENTS_LOST;
      }
      // Not from within the library's own handler.
      again_ = env_.After(0ms, [this, over, changed] {
        if (over) {
          Watch();
        } else if (changed) {
          Read();
        }
        Listen();
      });
    });
    // [end]
  }

  Env& env_;
  const CacheFrontConfig own_;
  std::uint64_t file_ = 0;
  std::uint64_t epoch_ = 0;
  std::vector<NodeId> members_;  // of the last ring that is known
  std::size_t turn_ = 0;
  std::uint64_t last_event_ = 0;
  Timer again_;
  Timer retry_;
  LocalUser library_;  // last: it is destroyed first
};

}  // namespace

std::unique_ptr<Node> MakeCacheFront(Env& env, const NodeConfig& config) {
  return std::make_unique<CacheFront>(env, config);
}

}  // namespace quorum::lock_service
