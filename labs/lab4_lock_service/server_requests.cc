// What clients ask: changes become commands, reads wait for a barrier.
#include "common/env/not_written.h"
#include "labs/lab4_lock_service/server.h"

namespace quorum::lock_service {
namespace {

}  // namespace

template <class Request, class Response, class Put, class Get>
void LockServer::ServeChange(const Method<Request, Response>& method, Put put, Get get) {
  env_.Serve(method, [this, put, get](const Request& request, Responder<Response> responder) {
    Command command;
    command.set_client(std::string(responder.caller()));
    *put(command) = request;
    Change(std::move(command),
           [get, request, responder = std::move(responder)](const Result& result) mutable {
             if (result.code() != 0) return responder.Fail(StatusOf(result));
             responder.Reply(get(result, request));
           });
  });
}

template <class Request, class Response, class Fill>
void LockServer::ServeRead(const Method<Request, Response>& method, Fill fill) {
  env_.Serve(method, [this, fill](const Request& request, Responder<Response> responder) {
    NotWritten("Answer from the state, after a barrier: a server that was the master a moment ago "
               "does not know that it is no more (handout 4A, step 6).");
  });
}

void LockServer::ServeAll() {
  env_.Serve(kLocate, [this](const LocateRequest&, auto responder) {
    LocateResponse response;
    response.set_master(log_->leader());
    response.set_epoch(epoch_);
    responder.Reply(response);
  });
  ServeSessions();
  ServeNodes();
  ServeReads();
  ServeLocks();
}

void LockServer::ServeNodes() {
  ServeChange(
      kOpen, [](Command& command) { return command.mutable_open(); },
      [this](const Result& result, const OpenRequest& request) {
        OpenResponse response = result.open();
        const bool absent = machine_.tree().Find(request.path()) == nullptr;
        response.set_epoch(epoch_);
        response.set_may_cache(request.cache() && response.handle() == 0 && absent &&
                               caches_.MayCache(request.call().session(), request.path()));
        return response;
      });
  ServeChange(
      kClose, [](Command& command) { return command.mutable_close(); },
      [](const Result&, const CloseRequest&) { return CloseResponse(); });
  ServeChange(
      kSetContents, [](Command& command) { return command.mutable_set_contents(); },
      [](const Result& result, const SetContentsRequest&) { return result.set_contents(); });
  ServeChange(
      kDelete, [](Command& command) { return command.mutable_delete_node(); },
      [](const Result&, const DeleteRequest&) { return DeleteResponse(); });
  ServeChange(
      kSetAcl, [](Command& command) { return command.mutable_set_acl(); },
      [](const Result& result, const SetAclRequest&) { return result.set_acl(); });
}

void LockServer::ServeReads() {
  const auto may_cache = [this](const auto& request, const LockMachine::Target& target) {
    return request.cache() && caches_.MayCache(request.call().session(), target.handle->path());
  };
  ServeRead(kGetContentsAndStat, [=, this](const auto& request, const LockMachine::Target& target,
                                           GetContentsAndStatResponse& response) {
    response.set_contents(target.node->contents());
    *response.mutable_stat() = machine_.tree().StatOf(*target.node);
    response.set_epoch(epoch_);
    response.set_may_cache(may_cache(request, target));
    return absl::OkStatus();
  });
  ServeRead(kGetStat, [=, this](const auto& request, const LockMachine::Target& target,
                                GetStatResponse& response) {
    *response.mutable_stat() = machine_.tree().StatOf(*target.node);
    response.set_epoch(epoch_);
    response.set_may_cache(may_cache(request, target));
    return absl::OkStatus();
  });
  ServeRead(kReadDir, [=, this](const auto& request, const LockMachine::Target& target,
                                ReadDirResponse& response) {
    if (!target.node->stat().directory()) {
      return absl::FailedPreconditionError("The node is not a directory.");
    }
    for (std::string& child : machine_.tree().ChildrenOf(target.node->path())) {
      response.add_children(std::move(child));
    }
    *response.mutable_stat() = machine_.tree().StatOf(*target.node);
    response.set_epoch(epoch_);
    response.set_may_cache(may_cache(request, target));
    return absl::OkStatus();
  });
}

void LockServer::ServeLocks() {
  ServeChange(
      kAcquire, [](Command& command) { return command.mutable_acquire(); },
      [](const Result& result, const AcquireRequest&) { return result.acquire(); });
  ServeChange(
      kTryAcquire, [](Command& command) { return command.mutable_try_acquire(); },
      [](const Result& result, const TryAcquireRequest&) { return result.acquire(); });
  ServeChange(
      kRelease, [](Command& command) { return command.mutable_release(); },
      [](const Result&, const ReleaseRequest&) { return ReleaseResponse(); });
  ServeRead(kGetSequencer, [](const auto& request, const LockMachine::Target& target,
                              GetSequencerResponse& response) {
    const LockClaim* holder = LockMachine::HolderOf(*target.node, request.handle());
    if (holder == nullptr) {
      return absl::FailedPreconditionError("The handle does not hold the lock.");
    }
    *response.mutable_sequencer() = LockMachine::SequencerOf(*target.node, *holder);
    return absl::OkStatus();
  });
  env_.Serve(kCheckSequencer, [this](const CheckSequencerRequest& request, auto responder) {
    NotWritten("Say after a barrier whether it is valid (handout 4C, step 4).");
  });
}

void LockServer::ServeSessions() {
  env_.Serve(kCreateSession, [this](const CreateSessionRequest& request, auto responder) {
    Command command;
    command.set_client(std::string(responder.caller()));
    command.mutable_create_session()->set_attempt(request.attempt());
    command.mutable_create_session()->set_lease_ns(own_.lease_ns());
    Change(std::move(command),
           [this, responder = std::move(responder)](const Result& result) mutable {
             if (result.code() != 0) return responder.Fail(StatusOf(result));
             CreateSessionResponse response = result.create_session();
             response.set_epoch(epoch_);
             responder.Reply(response);
           });
  });
  env_.Serve(kKeepAlive, [this](const KeepAliveRequest& request, auto responder) {
    KeepAlive(request, std::move(responder));
  });
  env_.Serve(kEndSession, [this](const EndSessionRequest& request, auto responder) {
    Command command;
    command.set_client(std::string(responder.caller()));
    *command.mutable_end_session() = request;
    EndSession(std::move(command), request.session(),
               [responder = std::move(responder)](const Result& result) mutable {
                 if (result.code() != 0) return responder.Fail(StatusOf(result));
                 responder.Reply({});
               });
  });
}

}  // namespace quorum::lock_service
