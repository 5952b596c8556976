// Consistent client caches (section 2.7), the client's side.
#include "labs/lab4_lock_service/client_cache.h"

#include "common/env/not_written.h"

namespace quorum::lock_service {

const ClientCache::Entry* ClientCache::Find(const std::string& path) const {
  const auto found = entries_.find(path);
  return found == entries_.end() ? nullptr : &found->second;
}

std::uint64_t ClientCache::BeginFetch(const std::string& path) {
  fetches_[next_fetch_] = {.path = path, .spoiled = changing_.contains(path)};
  return next_fetch_++;
}

ClientCache::Entry* ClientCache::EndFetch(std::uint64_t fetch, bool may_cache) {
  // What was dropped while the answer was on its way stays dropped: the answer may be from before
  // (handout 4D, step 7).
  const auto ended = fetches_.extract(fetch);
  return nullptr;
}

void ClientCache::Drop(const std::string& path) {
  entries_.erase(path);
}

void ClientCache::DropAll() {
  entries_.clear();
}

void ClientCache::BeginChange(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    ++changing_[path];
    Drop(path);
  }
}

void ClientCache::EndChange(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    if (--changing_.at(path) == 0) changing_.erase(path);
  }
}

}  // namespace quorum::lock_service
