// Sessions (section 2.8), as far as they are state. When one is to end is not decided here.
#include "common/env/not_written.h"
#include "labs/lab4_lock_service/lock_machine.h"

namespace quorum::lock_service {

Result LockMachine::CreateSession(const std::string& client, const CreateSessionCommand& command) {
  // [solution: Begin a session, or find the one that this attempt has begun (the comment of
  // CreateSessionRequest; handout 4A, step 4).]
  Result result;
  CreateSessionResponse& response = *result.mutable_create_session();
  if (const Session* before = sessions_.FindAttempt(client, command.attempt())) {
    response.set_session(before->id);
    return result;
  }
  const Session& session = sessions_.Create(++last_id_, client, command);
  response.set_session(session.id);
  response.set_lease_ns(session.lease_ns);
  observer_.OnSessionCreated(session);
  return result;
  // [end]
}

Result LockMachine::EndSession(const std::string& client, std::uint64_t id) {
  // [solution: End it, if it is this client's (handout 4B, step 3).]
  Session* session = sessions_.Find(id);
  if (session == nullptr) return ResultOf(absl::UnauthenticatedError("The session has ended."));
  if (session->client != client) {
    return ResultOf(absl::PermissionDeniedError("The session is another client's."));
  }
  End(*session, /*died=*/false);
  return {};
  // [end]
}

Result LockMachine::ExpireSession(std::uint64_t id) {
  // [solution: End it as one that has died (handout 4B, step 3).]
  if (Session* session = sessions_.Find(id)) End(*session, /*died=*/true);
  return {};
  // [end]
}

void LockMachine::End(Session& session, bool died) {
  // [solution: All that it has goes in this one step: locks, handles, ephemeral nodes (the comment
  // of ExpireSession; handout 4B, step 3).]
  const std::uint64_t id = session.id;
  std::set<std::string> touched;
  for (const auto& [handle, open] : session.handles) {
    NodeRecord* node = tree_.Find(open.path());
    if (node == nullptr || node->stat().instance() != open.instance()) continue;
    DropClaims(*node, handle, died);
    touched.insert(open.path());
  }
  while (!session.handles.empty()) RemoveHandle(session, session.handles.begin()->first);
  sessions_.Remove(id);
  observer_.OnSessionEnded(id);
  for (const std::string& path : touched) GrantWaiting(path);
  // [end]
}

}  // namespace quorum::lock_service
