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
    NotWritten("Ask a member of the ring that was published last, and another one if a get finds "
               "it dead (handout 4E, step 6).");
  }

  /// In each session once: opens the file of the ring, to be told when it changes.
  void Watch() {
    NotWritten("Open the file with the wish for events of its contents, then read it (handout 4E, "
               "step 6).");
  }

  void Read() {
    NotWritten("From now on ask the members of this ring (handout 4E, step 6).");
  }

  void Listen() {
    NotWritten("Read again when the file has changed, and watch again in the next session (handout "
               "4E, step 6).");
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
