#include "grader/scenarios/lock_service/plain_client.h"

namespace quorum::grader::locks {
namespace {

namespace lock = quorum::lock_service;

NodeConfig ConfigOf(NodeId id) {
  NodeConfig config;
  config.set_self(id);
  return config;
}

}  // namespace

PlainClient::PlainClient(LockRoom& room, NodeId id)
    : room_(room), puppet_(room.stage(), ConfigOf(id)) {
  lock::CreateSessionRequest request;
  request.set_attempt(id);
  const auto created = Ask(lock::kCreateSession, request);
  room.stage().Require(kProgress, created.ok() && created->session() != 0,
                       "A client has asked for a session and got none.");
  session_ = created->session();
}

bool PlainClient::Counts(const absl::Status& status) {
  return !absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status) &&
         !absl::IsAborted(status);
}

NodeId PlainClient::Next() const {
  return server_ % static_cast<NodeId>(room_.options().servers) + 1;
}

void PlainClient::Turn() {
  server_ = Next();
  room_.world().RunFor(kPause);
}

lock::Call PlainClient::NewCall() {
  lock::Call call = Reading();
  call.set_number(++last_number_);
  unanswered_.insert(last_number_);
  call.set_answered_below(*unanswered_.begin());
  return call;
}

lock::Call PlainClient::Reading() const {
  lock::Call call;
  call.set_session(session_);
  return call;
}

}  // namespace quorum::grader::locks
