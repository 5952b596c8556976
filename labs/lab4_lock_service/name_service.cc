// A name service (section 4.3): names are ephemeral files, and caches make it cheap to ask.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/local_user.h"
#include "labs/lab4_lock_service/recipes.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

class NamesNode final : public Node {
 public:
  NamesNode(Env& env, const NodeConfig& config)
      : env_(env),
        own_(OwnConfig<NamesConfig>(config)),
        library_(env, LibraryConfig(config, own_)) {
    env_.Serve(kRegister, [this](const RegisterRequest& request, auto responder) {
      if (request.name().empty() || request.name().find('=') != std::string::npos) {
        return responder.Fail(absl::InvalidArgumentError("A name is not empty and has no '='."));
      }
      Register(request.name() + "=" + request.address(), std::move(responder));
    });
    env_.Serve(kResolve, [this](const ResolveRequest& request, auto responder) {
      Resolve(request.name() + "=", std::move(responder));
    });
    Listen();
  }

 private:
  /// Calls `then` with the directory open, or with what is in the way.
  void WithDirectory(absl::AnyInvocable<void(const absl::Status&)> then) {
    NotWritten("Open the directory, once a session (handout 4E, step 4).");
  }

  void Register(const std::string& file, Responder<RegisterResponse> responder) {
    NotWritten("Make the ephemeral file, and remember that it is wished for (handout 4E, step 4).");
  }

  void Announce(const std::string& file, absl::AnyInvocable<void(const absl::Status&)> then) {
    NotWritten("Open the ephemeral file, and keep it open (handout 4E, step 4).");
  }

  void Resolve(const std::string& prefix, Responder<ResolveResponse> responder) {
    NotWritten(
        "List the directory, which is cached, and pick those of the name (handout 4E, step 4).");
  }

  void Listen() {
    NotWritten("When the session has ended, make known again what was known through it (handout "
               "4E, step 4).");
  }

  void AnnounceAll() {
    NotWritten("Make known again all that was registered (handout 4E, step 4).");
  }

  Env& env_;
  const NamesConfig own_;
  std::uint64_t directory_ = 0;  // its handle; 0: not open in this session
  std::set<std::string> registered_;
  std::uint64_t last_event_ = 0;
  Timer again_;
  LocalUser library_;  // last: it is destroyed first
};

}  // namespace

std::unique_ptr<Node> MakeNames(Env& env, const NodeConfig& config) {
  return std::make_unique<NamesNode>(env, config);
}

}  // namespace quorum::lock_service
