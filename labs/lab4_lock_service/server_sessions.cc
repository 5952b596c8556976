// Sessions and their leases (section 2.8), the master's side.
#include <algorithm>
#include <utility>

#include "common/env/not_written.h"
#include "labs/lab4_lock_service/server.h"

namespace quorum::lock_service {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPause = 50ms;
constexpr Duration kTogether = 50ms;
// So many events that are known to have arrived are forgotten together.
constexpr std::uint64_t kTrimEvery = 16;

}  // namespace

void LockServer::KeepAlive(const KeepAliveRequest& request,
                           Responder<KeepAliveResponse> responder) {
  NotWritten("Take note of what it says, answer an earlier one of the session, and hold this one "
             "(handout 4B, step 5; 4D, steps 2 and 5).");
}

bool LockServer::HasNews(const KeepAliveRequest& request, const Session& session) const {
  NotWritten(
      "Another master, an event, or an invalidation (handout 4B, step 5; 4D, steps 2 and 5).");
}

void LockServer::Hold(Held held) {
  NotWritten(
      "Hold it as long as the client and its lease allow (section 2.8; handout 4B, step 5).");
}

void LockServer::Release(std::uint64_t session) {
  NotWritten("Answer those of this session that are held (handout 4B, step 5).");
}

void LockServer::Extend(Held held) {
  NotWritten("Promise a further lease from the beginning of a barrier that begins now, if that "
             "confirms that nobody else can have begun to serve before (handout 4B, step 5).");
}

void LockServer::NoteReceived(const Session& session, std::uint64_t up_to) {
  // Now and then have the events forgotten that have arrived (handout 4D, step 2).
}

void LockServer::ExamineLeases() {
  NotWritten("Those whose lease is over have to go, by a command; look again when the next one is "
             "(handout 4B, step 3).");
}

void LockServer::EndSession(Command command, std::uint64_t id, Done done) {
  NotWritten("Take no further operations of this session, and end it when those that are under way "
             "have come to their end (handout 4B, step 3; 4D, step 6).");
}

void LockServer::EndIfQuiet(std::uint64_t session) {
  // Propose its end, once nothing of it is under way any more (handout 4B, step 3).
}

void LockServer::OnEnded(std::uint64_t session, const Result& result) {
  NotWritten("Tell who asked for it. A lease that is over does not come back: try again (handout "
             "4B, step 3).");
}

void LockServer::OnSessionCreated(const Session& session) {
  // Its lease begins (handout 4B, step 2); its cache is empty (4D, step 4).
}

void LockServer::OnSessionEnded(std::uint64_t session) {
  NotWritten(
      "Forget what was promised to it, and tell whoever waits in its name (handout 4B, step 3).");
}

void LockServer::OnEvent(std::uint64_t session) {
  // It is news for the session (handout 4D, step 2).
}

}  // namespace quorum::lock_service
