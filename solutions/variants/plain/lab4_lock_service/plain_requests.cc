// The server of another shape: what clients ask.
#include "plain_server.h"

namespace quorum::lock_service {

template <class Request, class Response, class Put, class Get>
void PlainLockServer::ServeChange(const Method<Request, Response>& method, Put put, Get get) {
  env_.Serve(method, [this, put, get](const Request& request, Responder<Response> responder) {
    Command command;
    command.set_client(std::string(responder.caller()));
    put(command, request);
    Change(std::move(command),
           [get, request, responder = std::move(responder)](const Result& result) mutable {
             if (result.code() != 0) return responder.Fail(StatusOf(result));
             responder.Reply(get(request, result));
           });
  });
}

template <class Request, class Response, class Fill>
void PlainLockServer::ServeRead(const Method<Request, Response>& method, Fill fill) {
  env_.Serve(method, [this, fill](const Request& request, Responder<Response> responder) {
    if (epoch_ == 0) return responder.Fail(absl::UnavailableError("Not the master."));
    barriers_.Run([this, fill, request, epoch = epoch_, responder = std::move(responder)](
                      const absl::Status& barrier, Time) mutable {
      if (!barrier.ok() || epoch != epoch_) {
        return responder.Fail(absl::UnavailableError("Not the master any more."));
      }
      Response response;
      const absl::Status status = fill(request, std::string(responder.caller()), response);
      status.ok() ? responder.Reply(response) : responder.Fail(status);
    });
  });
}

void PlainLockServer::ServeAll() {
  ServeSessions();
  ServeReads();
  ServeChange(
      kOpen, [](Command& command, const auto& request) { *command.mutable_open() = request; },
      [this](const OpenRequest& request, const Result& result) {
        OpenResponse response = result.open();
        const bool absent =
            response.handle() == 0 && FindNode(cell_.state(), request.path()) == nullptr;
        response.set_epoch(epoch_);
        response.set_may_cache(request.cache() && absent &&
                               MayCache(request.call().session(), request.path()));
        return response;
      });
  ServeChange(
      kClose, [](Command& command, const auto& request) { *command.mutable_close() = request; },
      [](const auto&, const Result&) { return CloseResponse(); });
  ServeChange(
      kSetContents,
      [](Command& command, const auto& request) { *command.mutable_set_contents() = request; },
      [](const auto&, const Result& result) { return result.set_contents(); });
  ServeChange(
      kDelete,
      [](Command& command, const auto& request) { *command.mutable_delete_node() = request; },
      [](const auto&, const Result&) { return DeleteResponse(); });
  ServeChange(
      kAcquire, [](Command& command, const auto& request) { *command.mutable_acquire() = request; },
      [](const auto&, const Result& result) { return result.acquire(); });
  ServeChange(
      kTryAcquire,
      [](Command& command, const auto& request) { *command.mutable_try_acquire() = request; },
      [](const auto&, const Result& result) { return result.acquire(); });
  ServeChange(
      kRelease, [](Command& command, const auto& request) { *command.mutable_release() = request; },
      [](const auto&, const Result&) { return ReleaseResponse(); });
  ServeChange(
      kSetAcl, [](Command& command, const auto& request) { *command.mutable_set_acl() = request; },
      [](const auto&, const Result& result) { return result.set_acl(); });
}

void PlainLockServer::ServeSessions() {
  env_.Serve(kLocate, [this](const LocateRequest&, auto responder) {
    LocateResponse response;
    response.set_master(log_->leader());
    response.set_epoch(epoch_);
    responder.Reply(response);
  });
  ServeChange(
      kCreateSession,
      [this](Command& command, const CreateSessionRequest& request) {
        command.mutable_create_session()->set_attempt(request.attempt());
        command.mutable_create_session()->set_lease_ns(config_.lease_ns());
      },
      [this](const auto&, const Result& result) {
        CreateSessionResponse response = result.create_session();
        response.set_epoch(epoch_);
        return response;
      });
  ServeChange(
      kEndSession,
      [](Command& command, const auto& request) { *command.mutable_end_session() = request; },
      [](const auto&, const Result&) { return EndSessionResponse(); });
  env_.Serve(kKeepAlive, [this](const KeepAliveRequest& request, auto responder) {
    KeepAlive(request, std::move(responder));
  });
}

void PlainLockServer::ServeReads() {
  // Finds the node, and says whether what is answered of it may be cached.
  const auto find = [this](const auto& request, const std::string& client, auto& response,
                           absl::Status& why) {
    const NodeRecord* node =
        NodeOf(cell_.state(), client, request.call().session(), request.handle(), why);
    if (node == nullptr) return node;
    *response.mutable_stat() = StatOf(cell_.state(), *node);
    response.set_epoch(epoch_);
    response.set_may_cache(request.cache() && MayCache(request.call().session(), node->path()));
    return node;
  };
  ServeRead(kGetContentsAndStat, [find](const auto& request, const auto& client, auto& response) {
    absl::Status why;
    const NodeRecord* node = find(request, client, response, why);
    if (node != nullptr) response.set_contents(node->contents());
    return why;
  });
  ServeRead(kGetStat, [find](const auto& request, const auto& client, auto& response) {
    absl::Status why;
    find(request, client, response, why);
    return why;
  });
  ServeRead(kReadDir, [this, find](const auto& request, const auto& client, auto& response) {
    absl::Status why;
    const NodeRecord* node = find(request, client, response, why);
    if (node == nullptr) return why;
    if (!node->stat().directory()) return absl::FailedPreconditionError("It is a file.");
    for (std::string& child : ChildrenOf(cell_.state(), node->path())) {
      response.add_children(std::move(child));
    }
    return why;
  });
  ServeRead(kGetSequencer, [this](const auto& request, const auto& client, auto& response) {
    absl::Status why;
    const NodeRecord* node =
        NodeOf(cell_.state(), client, request.call().session(), request.handle(), why);
    if (node == nullptr) return why;
    const LockClaim* holder = FindHolder(*node, request.handle());
    if (holder == nullptr) return absl::FailedPreconditionError("It does not hold the lock.");
    *response.mutable_sequencer() = SequencerOf(*node, *holder);
    return why;
  });
  ServeRead(kCheckSequencer, [this](const auto& request, const auto&, auto& response) {
    response.set_valid(IsValid(cell_.state(), request.sequencer()));
    return absl::OkStatus();
  });
}

}  // namespace quorum::lock_service
