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
    NotWritten("Open the file for locking, and stand for election (handout 4E, step 2).");
  }

  void Stand() {
    NotWritten("Wait for the lock; whoever gets it says who it is (handout 4E, step 2).");
  }

  /// Stands again when it leads no more.
  void Listen() {
    NotWritten("Wait for events, and after each see whether it is over (handout 4E, step 2).");
  }

  void SeeWhetherItLeads() {
    NotWritten("Ask the library, and listen on, or stand again (handout 4E, step 2).");
  }

  void Later() {
    again_ = env_.After(kPause, [this] { Campaign(); });
  }

  void GetLeader(Responder<GetLeaderResponse> responder) {
    NotWritten("Say what the file says (handout 4E, step 2).");
  }

  void WriteAsLeader(const WriteAsLeaderRequest& request,
                     Responder<WriteAsLeaderResponse> responder) {
    NotWritten("Ask the store, with your sequencer, if the library says that you hold the lock "
               "(handout 4E, step 3).");
  }

  void Order(const WriteAsLeaderRequest& request, const Sequencer& sequencer,
             Responder<WriteAsLeaderResponse> responder) {
    NotWritten("Tell what became of it (handout 4E, step 3).");
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
