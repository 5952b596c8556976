// Nodes, and what is cached of them (sections 2.3, 2.6 and 2.7), the client's side.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/client_asking.h"
#include "labs/lab4_lock_service/names.h"

namespace quorum::lock_service {

void LockClient::Open(const OpenRequest& request, Responder<OpenResponse> responder) {
  // [solution: Begin a session if there is none, then ask for the handle (handout 4B, step 8).]
  if (keeper_.session() != 0) return AskToOpen(request, std::move(responder));
  before_session_.push_back([this, request, responder = std::move(responder)]() mutable {
    AskToOpen(request, std::move(responder));
  });
  keeper_.Begin();
  // [end]
}

void LockClient::AskToOpen(const OpenRequest& request, Responder<OpenResponse> responder) {
  // [solution: Ask, and remember what the handle stands for (handout 4B, step 8); or know that
  // there is no such node (4D, step 7), or that a closed handle will do (bonus, step 3).]
  if (OpenAgain(request, responder)) return;
  const ClientCache::Entry* cached = cache_.Find(request.path());
  const bool creates = request.create() != OpenRequest::MUST_EXIST;
  if (!creates && cached != nullptr && cached->absent && keeper_.valid()) {
    return responder.Reply({});
  }
  const std::vector<std::string> changed =
      creates ? std::vector<std::string>{request.path(), ParentOf(request.path())}
              : std::vector<std::string>();
  cache_.BeginChange(changed);
  OpenRequest ask = request;
  ask.set_cache(!own_.without_cache());
  Ask<OpenRequest, OpenResponse>(
      kOpen, std::move(ask), /*changes=*/true,
      [this, changed, request, fetch = cache_.BeginFetch(request.path()),
       responder = std::move(responder)](absl::StatusOr<OpenResponse> response) mutable {
        cache_.EndChange(changed);
        if (response.ok()) keeper_.NoteEpoch(response->epoch());
        const bool may_cache =
            response.ok() && response->may_cache() && response->epoch() == keeper_.epoch();
        if (ClientCache::Entry* entry = cache_.EndFetch(fetch, may_cache)) entry->absent = true;
        if (response.ok() && response->handle() != 0) {
          handles_[response->handle()] = {
              .path = request.path(),
              .instance = response->stat().instance(),
              .write = request.write(),
              .change_acl = request.change_acl(),
              .keepable = !response->stat().ephemeral() && request.events().empty()};
        }
        AnswerWhenSafe(std::move(responder), std::move(response));
      });
  // [end]
}

void LockClient::Close(const CloseRequest& request, Responder<CloseResponse> responder) {
  // [solution: Ask; the handle is closed for the user from now on (handout 4B, step 8). Or keep it
  // (bonus, step 3).]
  if (absl::Status alive = CheckSession(request.handle()); !alive.ok()) {
    return responder.Fail(alive);
  }
  if (KeepOpen(request.handle())) {
    return AnswerWhenSafe<CloseResponse>(std::move(responder), CloseResponse());
  }
  const std::vector<std::string> changed = PathsOf(request.handle());
  handles_.erase(request.handle());
  cache_.BeginChange(changed);
  Ask<CloseRequest, CloseResponse>(
      kClose, request, /*changes=*/true,
      [this, changed, responder = std::move(responder)](auto response) mutable {
        cache_.EndChange(changed);
        AnswerWhenSafe(std::move(responder), std::move(response));
      });
  // [end]
}

template <class Request, class Response>
void LockClient::Change(const Method<Request, Response>& method, const Request& request,
                        Responder<Response> responder) {
  // [solution: Drop what you have of it, and ask (section 2.7; handout 4B, step 8; 4D, step 7).]
  if (absl::Status alive = CheckSession(request.handle()); !alive.ok()) {
    return responder.Fail(alive);
  }
  const std::vector<std::string> changed = PathsOf(request.handle());
  cache_.BeginChange(changed);
  Ask<Request, Response>(method, request, /*changes=*/true,
                         [this, changed, responder = std::move(responder)](auto response) mutable {
                           cache_.EndChange(changed);
                           AnswerWhenSafe(std::move(responder), std::move(response));
                         });
  // [end]
}

void LockClient::SetContents(const SetContentsRequest& request,
                             Responder<SetContentsResponse> responder) {
  Change(kSetContents, request, std::move(responder));
}

void LockClient::Delete(const DeleteRequest& request, Responder<DeleteResponse> responder) {
  Change(kDelete, request, std::move(responder));
}

void LockClient::SetAcl(const SetAclRequest& request, Responder<SetAclResponse> responder) {
  Change(kSetAcl, request, std::move(responder));
}

void LockClient::Release(const ReleaseRequest& request, Responder<ReleaseResponse> responder) {
  // From now on the handle does not hold it, whenever the cell hears of it. And while an Acquire of
  // it is not answered nobody can tell which of the two came first (handout 4C, step 6).
  // [solution]
  if (const auto open = handles_.find(request.handle()); open != handles_.end()) {
    if (open->second.asking > 0 && !open->second.holds) {
      return AnswerWhenSafe<ReleaseResponse>(
          std::move(responder), absl::FailedPreconditionError("It is not known to hold the lock."));
    }
    open->second.holds.reset();
  }
  // [end]
  Change(kRelease, request, std::move(responder));
}

template <class Request, class Response>
void LockClient::Read(const Method<Request, Response>& method, const Request& request,
                      std::optional<Response> ClientCache::Entry::*part,
                      Responder<Response> responder) {
  // [solution: Ask (handout 4B, step 8); or answer from the cache, if the session is valid at this
  // instant (section 2.7; 4D, step 7).]
  if (absl::Status alive = CheckSession(request.handle()); !alive.ok()) {
    return responder.Fail(alive);
  }
  const OpenHandle* open = Find(request.handle());
  const std::string path = open != nullptr ? open->path : "";
  const ClientCache::Entry* cached = cache_.Find(path);
  const bool has = cached != nullptr && (cached->*part).has_value() &&
                   (cached->*part)->stat().instance() == open->instance;
  if (has && keeper_.valid()) return responder.Reply(*(cached->*part));
  Request ask = request;
  ask.set_cache(!own_.without_cache() && open != nullptr);
  Ask<Request, Response>(
      method, std::move(ask), /*changes=*/false,
      [this, part, fetch = cache_.BeginFetch(path),
       responder = std::move(responder)](absl::StatusOr<Response> response) mutable {
        if (response.ok()) keeper_.NoteEpoch(response->epoch());
        const bool may_cache =
            response.ok() && response->may_cache() && response->epoch() == keeper_.epoch();
        if (ClientCache::Entry* entry = cache_.EndFetch(fetch, may_cache)) {
          entry->*part = *response;
        }
        AnswerWhenSafe(std::move(responder), std::move(response));
      });
  // [end]
}

void LockClient::GetContentsAndStat(const GetContentsAndStatRequest& request,
                                    Responder<GetContentsAndStatResponse> responder) {
  Read(kGetContentsAndStat, request, &ClientCache::Entry::contents, std::move(responder));
}

void LockClient::GetStat(const GetStatRequest& request, Responder<GetStatResponse> responder) {
  Read(kGetStat, request, &ClientCache::Entry::stat, std::move(responder));
}

void LockClient::ReadDir(const ReadDirRequest& request, Responder<ReadDirResponse> responder) {
  Read(kReadDir, request, &ClientCache::Entry::children, std::move(responder));
}

}  // namespace quorum::lock_service
