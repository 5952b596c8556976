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

// [solution]
absl::Status NotMaster() { return absl::UnavailableError("This server is not the master."); }
absl::Status Ended() { return absl::UnauthenticatedError("The session has ended."); }
// [end]

}  // namespace

void LockServer::KeepAlive(const KeepAliveRequest& request,
                           Responder<KeepAliveResponse> responder) {
  // [solution: Take note of what it says, answer an earlier one of the session, and hold this one
  // (handout 4B, step 5; 4D, steps 2 and 5).]
  if (!serving()) return responder.Fail(NotMaster());
  const std::uint64_t id = request.session();
  Held arrived{request, std::move(responder), env_.Now()};
  const Session* session = machine_.sessions().Find(id);
  if (session == nullptr) return Extend(std::move(arrived));  // which makes sure, and says so
  if (session->client != arrived.responder.caller()) {
    return arrived.responder.Fail(absl::PermissionDeniedError("The session is another client's."));
  }
  const bool knows = request.epoch() == epoch_;
  NoteReceived(*session, request.events_received());
  caches_.Acknowledge(id, knows || request.epoch() == 0, knows ? request.invalidated() : 0);
  Release(id);
  Hold(std::move(arrived));
  // [end]
}

bool LockServer::HasNews(const KeepAliveRequest& request, const Session& session) const {
  // [solution: Another master, an event, or an invalidation (handout 4B, step 5; 4D, steps 2 and
  // 5).]
  return (request.epoch() != 0 && request.epoch() != epoch_) ||
         session.last_event > request.events_received() || !caches_.Outstanding(session.id).empty();
  // [end]
}

void LockServer::Hold(Held held) {
  // [solution: Hold it as long as the client and its lease allow (section 2.8; handout 4B, step
  // 5).]
  const std::uint64_t id = held.request.session();
  const Session* session = machine_.sessions().Find(id);
  const std::optional<Time> until = leases_.Until(id);
  if (session == nullptr || !until || HasNews(held.request, *session)) {
    return Extend(std::move(held));
  }
  const Duration spare = Duration(session->lease_ns) / 4;
  const Duration hold = std::min(Duration(held.request.hold_ns()), *until - spare - env_.Now());
  if (hold <= Duration::zero()) return Extend(std::move(held));
  // Those that are due at about the same time share a barrier: a little early is never too late.
  const Duration early = (env_.Now() + hold).time_since_epoch() % kTogether;
  held.release = env_.After(std::max(hold - early, Duration::zero()), [this, id] { Release(id); });
  held_[id].push_back(std::move(held));
  // [end]
}

void LockServer::Release(std::uint64_t session) {
  // [solution: Answer those of this session that are held (handout 4B, step 5).]
  const auto held = held_.find(session);
  if (held == held_.end()) return;
  std::vector<Held> all = std::move(held->second);
  held_.erase(held);
  for (Held& one : all) Extend(std::move(one));
  // [end]
}

void LockServer::Extend(Held held) {
  // [solution: Promise a further lease from the beginning of a barrier that begins now, if that
  // confirms that nobody else can have begun to serve before (handout 4B, step 5).]
  barriers_.Run([this, epoch = epoch_, held = std::move(held)](const absl::Status& status,
                                                               Time begun) mutable {
    if (!status.ok() || epoch != epoch_) return held.responder.Fail(NotMaster());
    const std::uint64_t id = held.request.session();
    const Session* session = machine_.sessions().Find(id);
    if (session == nullptr) return held.responder.Fail(Ended());
    // Its end is on its way: whoever asks again will be told.
    if (!leases_.Until(id)) return held.responder.Fail(NotMaster());
    leases_.Promise(id, begun, Duration(session->lease_ns));
    KeepAliveResponse response;
    response.set_epoch(epoch_);
    response.set_lease_ns(session->lease_ns + bound_.AtLeast(begun - held.arrived).count());
    for (Invalidation& one : caches_.Outstanding(id)) {
      *response.add_invalidations() = std::move(one);
    }
    for (const Event& event : session->events) {
      if (event.number() > held.request.events_received()) *response.add_events() = event;
    }
    held.responder.Reply(response);
  });
  // [end]
}

void LockServer::NoteReceived(const Session& session, std::uint64_t up_to) {
  // Now and then have the events forgotten that have arrived (handout 4D, step 2).
  // [solution]
  if (session.events.empty() || session.events.front().number() + kTrimEvery > up_to + 1) return;
  if (!trimming_.insert(session.id).second) return;
  Command command;
  command.mutable_trim_events()->set_session(session.id);
  command.mutable_trim_events()->set_up_to(up_to);
  Change(std::move(command), [this, id = session.id](const Result&) { trimming_.erase(id); });
  // [end]
}

void LockServer::ExamineLeases() {
  // [solution: Those whose lease is over have to go, by a command; look again when the next one is
  // (handout 4B, step 3).]
  for (const std::uint64_t session : leases_.TakeOver(env_.Now())) {
    caches_.Forget(session);
    Command command;
    command.mutable_expire_session()->set_session(session);
    EndSession(std::move(command), session, [](const Result&) {});
  }
  const std::optional<Time> next = leases_.Next();
  if (next) lease_end_ = env_.After(*next - env_.Now(), [this] { ExamineLeases(); });
  // [end]
}

void LockServer::EndSession(Command command, std::uint64_t id, Done done) {
  // [solution: Take no further operations of this session, and end it when those that are under
  // way have come to their end (handout 4B, step 3; 4D, step 6).]
  if (!serving()) return done(ResultOf(NotMaster()));
  const Session* session = machine_.sessions().Find(id);
  const bool known =
      session != nullptr && (command.has_expire_session() || session->client == command.client());
  if (!known) return Change(std::move(command), std::move(done));  // which says why not
  const auto [ending, fresh] = ending_.try_emplace(id);
  if (fresh) ending->second.command = std::move(command);
  ending->second.waiting.push_back(std::move(done));
  EndIfQuiet(id);
  // [end]
}

void LockServer::EndIfQuiet(std::uint64_t session) {
  // Propose its end, once nothing of it is under way any more (handout 4B, step 3).
  // [solution]
  const auto ending = ending_.find(session);
  if (ending == ending_.end() || ending->second.proposed || under_way_.contains(session)) return;
  ending->second.proposed = true;
  Change(ending->second.command,
         [this, session](const Result& result) { OnEnded(session, result); });
  // [end]
}

void LockServer::OnEnded(std::uint64_t session, const Result& result) {
  // [solution: Tell who asked for it. A lease that is over does not come back: try again (handout
  // 4B, step 3).]
  const auto ending = ending_.find(session);
  if (ending == ending_.end()) return;  // this server was the master
  for (Done& done : std::exchange(ending->second.waiting, {})) done(result);
  if (machine_.sessions().Find(session) == nullptr || leases_.Until(session)) {
    ending_.erase(session);
    return;
  }
  Ending& again = ending->second;
  again.command.Clear();
  again.command.mutable_expire_session()->set_session(session);
  again.proposed = false;
  again.retry = env_.After(kPause, [this, session] { EndIfQuiet(session); });
  // [end]
}

void LockServer::OnSessionCreated(const Session& session) {
  // Its lease begins (handout 4B, step 2); its cache is empty (4D, step 4).
  // [solution]
  if (!serving()) return;
  leases_.Promise(session.id, env_.Now(), Duration(session.lease_ns));
  caches_.Add(session.id, /*empty=*/true);
  Soon([this] { ExamineLeases(); });
  // [end]
}

void LockServer::OnSessionEnded(std::uint64_t session) {
  // [solution: Forget what was promised to it, and tell whoever waits in its name (handout 4B, step
  // 3).]
  if (!serving()) return;
  Soon([this, session] {
    leases_.Forget(session);
    caches_.Forget(session);
    Release(session);
    while (true) {
      const auto waiting = waiting_.lower_bound({session, 0});
      if (waiting == waiting_.end() || waiting->first.first != session) break;
      AnswerWaiting(waiting->first);
    }
  });
  // [end]
}

void LockServer::OnEvent(std::uint64_t session) {
  // It is news for the session (handout 4D, step 2).
  // [solution]
  if (held_.contains(session)) Soon([this, session] { Release(session); });
  // [end]
}

}  // namespace quorum::lock_service
