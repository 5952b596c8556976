// The server of another shape: leases, KeepAlives, and what clients may have cached.
#include <algorithm>

#include "plain_server.h"

namespace quorum::lock_service {
namespace {

absl::Status NotTheMaster() { return absl::UnavailableError("Somebody else is the master."); }

// Events that have arrived are forgotten so many at a time.
constexpr std::uint64_t kTogether = 10;

}  // namespace

void PlainLockServer::KeepAlive(const KeepAliveRequest& request,
                                Responder<KeepAliveResponse> responder) {
  if (epoch_ == 0) return responder.Fail(NotTheMaster());
  Held held{request, std::move(responder), env_.Now()};
  const SessionRecord* session = FindSession(cell_.state(), request.session());
  const auto found = clients_.find(request.session());
  if (session == nullptr || found == clients_.end()) return Answer(std::move(held));
  if (session->client() != held.responder.caller()) {
    return held.responder.Fail(absl::PermissionDeniedError("This is somebody else's session."));
  }
  Client& client = found->second;
  if (request.epoch() == 0 || request.epoch() == epoch_) client.has_dropped = true;
  if (request.epoch() == epoch_) {
    client.dropped = std::max(client.dropped, std::min(request.invalidated(), client.told));
  }
  while (!client.to_drop.empty() && client.to_drop.front().number() <= client.dropped) {
    client.to_drop.pop_front();
  }
  LookSoon();  // perhaps a change has waited for that
  const std::uint64_t received = request.events_received();
  if (!client.trimming && session->events_size() > 0 &&
      session->events(0).number() + kTogether <= received) {
    client.trimming = true;
    Command trim;
    trim.mutable_trim_events()->set_session(session->id());
    trim.mutable_trim_events()->set_up_to(received);
    Change(std::move(trim), [this, id = session->id()](const Result&) {
      const auto trimmed = clients_.find(id);
      if (trimmed != clients_.end()) trimmed->second.trimming = false;
    });
  }
  AnswerHeld(client);
  const Duration most = client.lease_until - env_.Now() - Duration(session->lease_ns()) / 4;
  const Duration hold = std::min(Duration(request.hold_ns()), most);
  if (client.dying || hold <= Duration::zero() || HasNews(request, *session, client)) {
    return Answer(std::move(held));
  }
  held.over = env_.After(hold, [this, id = session->id()] { AnswerHeld(clients_.at(id)); });
  client.held.push_back(std::move(held));
}

bool PlainLockServer::HasNews(const KeepAliveRequest& request, const SessionRecord& session,
                              const Client& client) {
  return (request.epoch() != 0 && request.epoch() != epoch_) || !client.to_drop.empty() ||
         session.last_event() > request.events_received();
}

void PlainLockServer::AnswerHeld(Client& client) {
  for (Held& held : std::exchange(client.held, {})) Answer(std::move(held));
}

void PlainLockServer::Answer(Held held) {
  held.over.Cancel();
  barriers_.Run([this, epoch = epoch_, held = std::move(held)](const absl::Status& status,
                                                               Time begun) mutable {
    if (!status.ok() || epoch != epoch_) return held.responder.Fail(NotTheMaster());
    const SessionRecord* session = FindSession(cell_.state(), held.request.session());
    if (session == nullptr) {
      return held.responder.Fail(absl::UnauthenticatedError("The session has ended."));
    }
    const auto found = clients_.find(session->id());
    // It is about to be known, or about to end.
    if (found == clients_.end() || found->second.dying) return held.responder.Fail(NotTheMaster());
    Client& client = found->second;
    const Duration lease(session->lease_ns());
    client.lease_until = std::max(client.lease_until, begun + bound_.ToOutlast(lease));
    KeepAliveResponse response;
    response.set_epoch(epoch_);
    response.set_lease_ns((lease + bound_.AtLeast(begun - held.arrived)).count());
    for (const Invalidation& one : client.to_drop) *response.add_invalidations() = one;
    for (const Event& event : session->events()) {
      if (event.number() > held.request.events_received()) *response.add_events() = event;
    }
    held.responder.Reply(response);
  });
}

void PlainLockServer::LookAtLeases() {
  std::vector<std::uint64_t> over;
  Time next = Time::max();
  for (auto& [session, client] : clients_) {
    if (client.dying) continue;
    client.dying = client.lease_until <= env_.Now();
    client.dying ? over.push_back(session) : void(next = std::min(next, client.lease_until));
  }
  for (const std::uint64_t session : over) {
    Command expire;
    expire.mutable_expire_session()->set_session(session);
    Insist(expire);
  }
  if (!over.empty()) OpenGates();
  if (next != Time::max()) leases_ = env_.After(next - env_.Now(), [this] { LookAtLeases(); });
}

bool PlainLockServer::MayCache(std::uint64_t session, const std::string& path) {
  const auto client = clients_.find(session);
  if (changes_ > 0 || client == clients_.end()) return false;
  if (client->second.dying || !client->second.has_dropped) return false;
  client->second.has.insert(path);
  return true;
}

void PlainLockServer::EmptyCache(Client& client) {
  for (const std::string& path : std::exchange(client.has, {})) {
    Invalidation& drop = client.to_drop.emplace_back();
    drop.set_number(++client.told);
    drop.set_path(path);
  }
  if (!client.to_drop.empty()) LookSoon();  // it is news
}

void PlainLockServer::OpenGates() {
  std::vector<Gate> open;
  for (auto gate = gates_.begin(); gate != gates_.end();) {
    std::erase_if(gate->waits_for, [&](const auto& wait) {
      const auto client = clients_.find(wait.first);
      return client == clients_.end() || client->second.dying ||
             (client->second.has_dropped && client->second.dropped >= wait.second);
    });
    if (gate->waits_for.empty()) {
      open.push_back(std::move(*gate));
      gate = gates_.erase(gate);
    } else {
      ++gate;
    }
  }
  for (Gate& gate : open) Propose(gate.command, std::move(gate.done));
}

}  // namespace quorum::lock_service
