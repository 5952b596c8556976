#include "labs/lab4_lock_service/leases.h"

#include <algorithm>

#include "common/env/not_written.h"

namespace quorum::lock_service {

void Leases::Promise(std::uint64_t session, Time from, Duration length) {
  // [solution: Extend the lease; what has run out stays so (section 2.8; handout 4B, step 2).]
  if (over_.contains(session)) return;
  const Time until = from + bound_.ToOutlast(length);
  const auto before = until_.find(session);
  if (before != until_.end()) {
    if (before->second >= until) return;
    order_.erase({before->second, session});
  }
  until_[session] = until;
  order_.emplace(until, session);
  // [end]
}

std::optional<Time> Leases::Until(std::uint64_t session) const {
  const auto found = until_.find(session);
  if (found == until_.end()) return std::nullopt;
  return found->second;
}

void Leases::Forget(std::uint64_t session) {
  // [solution: Forget it (handout 4B, step 2).]
  over_.erase(session);
  const auto found = until_.find(session);
  if (found == until_.end()) return;
  order_.erase({found->second, session});
  until_.erase(found);
  // [end]
}

std::vector<std::uint64_t> Leases::TakeOver(Time now) {
  // [solution: Find those whose time has come; they get no further promise (handout 4B, step 2).]
  std::vector<std::uint64_t> over;
  while (!order_.empty() && order_.begin()->first <= now) {
    const std::uint64_t session = order_.begin()->second;
    order_.erase(order_.begin());
    until_.erase(session);
    over_.insert(session);
    over.push_back(session);
  }
  return over;
  // [end]
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
