#include "labs/lab4_lock_service/leases.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::lock_service {

void Leases::Promise(std::uint64_t session, Time from, Duration length) {
  NotWritten("Extend the lease; what has run out stays so (section 2.8; handout 4B, step 2).");
}

std::optional<Time> Leases::Until(std::uint64_t session) const {
  const auto found = until_.find(session);
  if (found == until_.end()) return std::nullopt;
  return found->second;
}

void Leases::Forget(std::uint64_t session) {
  NotWritten("Forget it (handout 4B, step 2).");
}

std::vector<std::uint64_t> Leases::TakeOver(Time now) {
  NotWritten("Find those whose time has come; they get no further promise (handout 4B, step 2).");
}

std::optional<Time> Leases::Next() const {
  if (order_.empty()) return std::nullopt;
  return order_.begin()->first;
}

void Leases::Clear() {
  until_.clear();
  order_.clear();
  over_.clear();
}

}  // namespace quorum::lock_service
