// Consistent client caches (section 2.7), the master's side.
#include "labs/lab4_lock_service/caches.h"

#include <algorithm>
#include <utility>

#include "common/env/not_written.h"

namespace quorum::lock_service {

void Caches::Add(std::uint64_t session, bool empty) {}

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
  return false;
}

void Caches::Quiesce(const std::vector<std::string>& paths, std::uint64_t asks,
                     absl::AnyInvocable<void()> go) {
  // Go on when every cache is known to be without these paths (handout 4D, step 5).
  go();
}

void Caches::Invalidate(const std::string& path, std::uint64_t asks, Gate& gate) {
  NotWritten(
      "Invalidate it at whoever may have it, and wait for earlier ones, too (handout 4D, step 5).");
}

void Caches::Settle(const std::vector<std::string>& paths) {}

void Caches::Acknowledge(std::uint64_t session, bool empty, std::uint64_t invalidated) {
  // Note what it has carried out, and let changes go on that waited for just that (handout 4D,
  // step 5).
}

std::vector<Invalidation> Caches::Outstanding(std::uint64_t session) const {
  const auto client = clients_.find(session);
  if (client == clients_.end()) return {};
  return {client->second.outstanding.begin(), client->second.outstanding.end()};
}

void Caches::Forget(std::uint64_t session) {}

void Caches::Pass(std::uint64_t session) {
  NotWritten(
      "Let the changes go on that waited for this session and for no other (handout 4D, step 5).");
}

}  // namespace quorum::lock_service
