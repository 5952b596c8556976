// Consistent client caches (section 2.7), the master's side.
#include "labs/lab4_lock_service/caches.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"

namespace quorum::lock_service {

void Caches::Add(std::uint64_t session, bool empty) {
  // [solution]
  clients_[session].empty = empty;
  if (!empty) not_empty_.insert(session);
  // [end]
}

void Caches::Clear() {
  clients_.clear();
  not_empty_.clear();
  cachers_.clear();
  outstanding_.clear();
  changing_.clear();
  gates_.clear();
}

bool Caches::MayCache(std::uint64_t session, const std::string& path) {
  // Yes, if no change is under way; and from now on the session is told of changes (handout 4D,
  // step 4).
  // [solution]
  const auto client = clients_.find(session);
  if (client == clients_.end() || !client->second.empty || IsChanging(path)) return false;
  client->second.cached.insert(path);
  cachers_[path].insert(session);
  return true;
  // [end]
  // [skeleton: return false;]
}

void Caches::Quiesce(const std::vector<std::string>& paths, std::uint64_t asks,
                     absl::AnyInvocable<void()> go) {
  // Go on when every cache is known to be without these paths (handout 4D, step 5).
  // [solution]
  if (paths.empty()) return go();
  Gate gate;
  for (const std::string& path : paths) {
    ++changing_[path];
    Invalidate(path, asks, gate);
  }
  for (const std::uint64_t session : not_empty_) {
    if (session != asks) gate.waits.try_emplace(session, 0);
  }
  if (gate.waits.empty()) return go();
  gate.go = std::move(go);
  gates_.push_back(std::move(gate));
  // [end]
  // [skeleton: go();]
}

void Caches::Invalidate(const std::string& path, std::uint64_t asks, Gate& gate) {
  // [solution: Invalidate it at whoever may have it, and wait for earlier ones, too (handout
  // 4D, step 5).]
  const auto cachers = cachers_.find(path);
  if (cachers != cachers_.end()) {
    std::set<std::uint64_t> stay;
    for (const std::uint64_t session : cachers->second) {
      // Who asks has dropped it. But the request may be an old one that comes again, and the
      // session may have read the node since: it must still be told of the next change.
      if (session == asks) {
        stay.insert(session);
        continue;
      }
      Client& client = clients_.at(session);
      Invalidation& invalidation = client.outstanding.emplace_back();
      invalidation.set_number(++client.last);
      invalidation.set_path(path);
      client.cached.erase(path);
      outstanding_[path][session] = client.last;
      on_invalidation_(session);
    }
    cachers->second = std::move(stay);
    if (cachers->second.empty()) cachers_.erase(cachers);
  }
  const auto outstanding = outstanding_.find(path);
  if (outstanding == outstanding_.end()) return;
  for (const auto& [session, number] : outstanding->second) {
    std::uint64_t& waits = gate.waits[session];
    waits = std::max(waits, number);
  }
  // [end]
}

void Caches::Settle(const std::vector<std::string>& paths) {
  // [solution]
  for (const std::string& path : paths) {
    if (--changing_.at(path) == 0) changing_.erase(path);
  }
  // [end]
}

void Caches::Acknowledge(std::uint64_t session, bool empty, std::uint64_t invalidated) {
  // Note what it has carried out, and let changes go on that waited for just that (handout 4D,
  // step 5).
  // [solution]
  const auto found = clients_.find(session);
  if (found == clients_.end()) return;
  Client& client = found->second;
  if (empty && not_empty_.erase(session) > 0) client.empty = true;
  while (!client.outstanding.empty() && client.outstanding.front().number() <= invalidated) {
    const std::string& path = client.outstanding.front().path();
    const auto waiting = outstanding_.find(path);
    if (waiting != outstanding_.end() && waiting->second[session] <= invalidated) {
      waiting->second.erase(session);
      if (waiting->second.empty()) outstanding_.erase(waiting);
    }
    client.outstanding.pop_front();
  }
  client.invalidated = std::max(client.invalidated, std::min(invalidated, client.last));
  Pass(session);
  // [end]
}

std::vector<Invalidation> Caches::Outstanding(std::uint64_t session) const {
  const auto client = clients_.find(session);
  if (client == clients_.end()) return {};
  return {client->second.outstanding.begin(), client->second.outstanding.end()};
}

void Caches::Forget(std::uint64_t session) {
  // [solution]
  const auto found = clients_.find(session);
  if (found == clients_.end()) return;
  for (const std::string& path : found->second.cached) {
    const auto cachers = cachers_.find(path);
    cachers->second.erase(session);
    if (cachers->second.empty()) cachers_.erase(cachers);
  }
  for (const Invalidation& invalidation : found->second.outstanding) {
    const auto waiting = outstanding_.find(invalidation.path());
    if (waiting == outstanding_.end()) continue;
    waiting->second.erase(session);
    if (waiting->second.empty()) outstanding_.erase(waiting);
  }
  clients_.erase(found);
  not_empty_.erase(session);
  Pass(session);
  // [end]
}

void Caches::Pass(std::uint64_t session) {
  // [solution: Let the changes go on that waited for this session and for no other (handout 4D,
  // step 5).]
  const auto client = clients_.find(session);
  std::vector<absl::AnyInvocable<void()>> go;
  for (auto gate = gates_.begin(); gate != gates_.end();) {
    const auto waits = gate->waits.find(session);
    const bool passes = waits != gate->waits.end() &&
                        (client == clients_.end() ||
                         (client->second.empty && waits->second <= client->second.invalidated));
    if (passes) gate->waits.erase(waits);
    if (passes && gate->waits.empty()) {
      go.push_back(std::move(gate->go));
      gate = gates_.erase(gate);
    } else {
      ++gate;
    }
  }
  for (auto& one : go) one();
  // [end]
}

}  // namespace quorum::lock_service
