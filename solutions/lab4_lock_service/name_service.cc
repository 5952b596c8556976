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
    // [solution: Open the directory, once a session (handout 4E, step 4).]
    if (directory_ != 0) return then(absl::OkStatus());
    OpenRequest request;
    request.set_path(own_.directory());
    request.set_create(OpenRequest::IF_ABSENT);
    request.set_directory(true);
    library_.Ask(&LockClient::Open, request,
                 [this, then = std::move(then)](absl::StatusOr<OpenResponse> open) mutable {
                   if (open.ok()) directory_ = open->handle();
                   then(open.status());
                 });
    // [end]
  }

  void Register(const std::string& file, Responder<RegisterResponse> responder) {
    // [solution: Make the ephemeral file, and remember that it is wished for (handout 4E, step 4).]
    registered_.insert(file);
    WithDirectory([this, file, responder = std::move(responder)](const absl::Status& is) mutable {
      if (!is.ok()) return responder.Fail(is);
      Announce(file, [responder = std::move(responder)](const absl::Status& made) mutable {
        made.ok() ? responder.Reply({}) : responder.Fail(made);
      });
    });
    // [end]
  }

  void Announce(const std::string& file, absl::AnyInvocable<void(const absl::Status&)> then) {
    // [solution: Open the ephemeral file, and keep it open (handout 4E, step 4).]
    OpenRequest request;
    request.set_path(own_.directory() + "/" + file);
    request.set_create(OpenRequest::IF_ABSENT);
    request.set_ephemeral(true);
    library_.Ask(&LockClient::Open, request,
                 [then = std::move(then)](absl::StatusOr<OpenResponse> made) mutable {
                   then(made.status());
                 });
    // [end]
  }

  void Resolve(const std::string& prefix, Responder<ResolveResponse> responder) {
    // [solution: List the directory, which is cached, and pick those of the name (handout 4E, step
    // 4).]
    WithDirectory([this, prefix, responder = std::move(responder)](const absl::Status& is) mutable {
      if (!is.ok()) return responder.Fail(is);
      ReadDirRequest request;
      request.set_handle(directory_);
      library_.Ask(
          &LockClient::ReadDir, request,
          [prefix, responder = std::move(responder)](absl::StatusOr<ReadDirResponse> list) mutable {
            if (!list.ok()) return responder.Fail(list.status());
            ResolveResponse response;
            for (const std::string& child : list->children()) {
              if (!child.starts_with(prefix)) continue;
              response.add_addresses(child.substr(prefix.size()));
            }
            responder.Reply(response);
          });
    });
    // [end]
  }

  void Listen() {
    // [solution: When the session has ended, make known again what was known through it (handout
    // 4E, step 4).]
    NextEventsRequest request;
    request.set_after(last_event_);
    library_.Ask(&LockClient::NextEvents, request, [this](const auto& response) {
      bool over = false;
      for (const Event& event : response->events()) {
        last_event_ = event.number();
        over = over || event.kind() == SESSION_EXPIRED;
      }
      // Not from within the library's own handler.
      again_ = env_.After(0ms, [this, over] {
        if (over) AnnounceAll();
        Listen();
      });
    });
    // [end]
  }

  void AnnounceAll() {
    // [solution: Make known again all that was registered (handout 4E, step 4).]
    directory_ = 0;
    WithDirectory([this](const absl::Status& is) {
      if (!is.ok()) return;  // this session has ended, too: it will be told
      for (const std::string& file : registered_) Announce(file, [](const absl::Status&) {});
    });
    // [end]
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
