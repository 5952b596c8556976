#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::lock_service {

/// What a client has cached (section 2.7), by path. It does not know whether it may be used: only
/// while the session's lease lasts.
class ClientCache {
 public:
  struct Entry {
    std::optional<GetContentsAndStatResponse> contents = {};
    std::optional<GetStatResponse> stat = {};
    std::optional<ReadDirResponse> children = {};
    bool absent = false;  ///< there is no such node
  };

  /// Null: nothing is known of the node.
  const Entry* Find(const std::string& path) const;

  /// A request is sent whose answer might be cached. Returns its number.
  std::uint64_t BeginFetch(const std::string& path);
  /// Its answer has come, and it may be cached as far as the master is concerned. Returns where it
  /// goes; null: it must not be cached, since what it says may be out of date.
  Entry* EndFetch(std::uint64_t fetch, bool may_cache);

  /// Nothing is known of the node any more, nor will be by what is on its way.
  void Drop(const std::string& path);
  /// The same of every node.
  void DropAll();

  /// The client asks for a change of these nodes: until it is answered nothing of them is cached.
  void BeginChange(const std::vector<std::string>& paths);
  void EndChange(const std::vector<std::string>& paths);

 private:
  struct Fetch {
    std::string path;
    bool spoiled = false;
  };

  std::map<std::string, Entry> entries_;
  std::map<std::uint64_t, Fetch> fetches_;
  std::map<std::string, int> changing_;
  std::uint64_t next_fetch_ = 1;
};

}  // namespace quorum::lock_service
