// Nodes, and what is cached of them (sections 2.3, 2.6 and 2.7), the client's side.
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/client_asking.h"
#include "labs/lab4_lock_service/names.h"

namespace quorum::lock_service {

void LockClient::Open(const OpenRequest& request, Responder<OpenResponse> responder) {
  NotWritten("Begin a session if there is none, then ask for the handle (handout 4B, step 8).");
}

void LockClient::AskToOpen(const OpenRequest& request, Responder<OpenResponse> responder) {
  NotWritten("Ask, and remember what the handle stands for (handout 4B, step 8); or know that "
             "there is no such node (4D, step 7), or that a closed handle will do (bonus, step 3).");
}

void LockClient::Close(const CloseRequest& request, Responder<CloseResponse> responder) {
  NotWritten("Ask; the handle is closed for the user from now on (handout 4B, step 8). Or keep it "
             "(bonus, step 3).");
}

template <class Request, class Response>
void LockClient::Change(const Method<Request, Response>& method, const Request& request,
                        Responder<Response> responder) {
  NotWritten("Drop what you have of it, and ask (section 2.7; handout 4B, step 8; 4D, step 7).");
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
  Change(kRelease, request, std::move(responder));
}

template <class Request, class Response>
void LockClient::Read(const Method<Request, Response>& method, const Request& request,
                      std::optional<Response> ClientCache::Entry::*part,
                      Responder<Response> responder) {
  NotWritten("Ask (handout 4B, step 8); or answer from the cache, if the session is valid at this "
             "instant (section 2.7; 4D, step 7).");
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
