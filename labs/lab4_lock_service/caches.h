#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "labs/lab4_lock_service/lock_service.h"

namespace quorum::lock_service {

/// What a master knows of its clients' caches (section 2.7). It dies with the mastership.
class Caches {
 public:
  /// `on_invalidation` is told of each session that has something new to carry out.
  explicit Caches(absl::AnyInvocable<void(std::uint64_t session)> on_invalidation)
      : on_invalidation_(std::move(on_invalidation)) {}

  /// A session whose lease lasts. `empty`: it has cached nothing in earlier epochs; otherwise it
  /// may hold anything until it says that it has dropped all of that.
  void Add(std::uint64_t session, bool empty);
  /// Its lease is over, or it has ended: its cache counts no more.
  void Forget(std::uint64_t session);
  void Clear();

  /// The session's answer about the node at `path` leaves now: may it be cached?
  bool MayCache(std::uint64_t session, const std::string& path);
  /// It has carried out the invalidations up to this number, and, if `empty`, has dropped whatever
  /// it had from earlier epochs.
  void Acknowledge(std::uint64_t session, bool empty, std::uint64_t invalidated);
  /// What it has not carried out.
  std::vector<Invalidation> Outstanding(std::uint64_t session) const;

  /// Calls `go` when no session but `asks` has any of `paths` in its cache. From now on nobody gets
  /// them into it, until `Settle`.
  void Quiesce(const std::vector<std::string>& paths, std::uint64_t asks,
               absl::AnyInvocable<void()> go);
  /// The change is done, or will not be.
  void Settle(const std::vector<std::string>& paths);
  /// Whether a change of this node is under way.
  bool IsChanging(const std::string& path) const { return changing_.contains(path); }

 private:
  struct Client {
    bool empty = false;
    std::uint64_t invalidated = 0;
    std::uint64_t last = 0;  // the number of the last invalidation
    std::deque<Invalidation> outstanding = {};
    std::set<std::string> cached = {};
  };
  /// A change that waits for caches.
  struct Gate {
    std::map<std::uint64_t, std::uint64_t> waits;  // by session: for which invalidation
    absl::AnyInvocable<void()> go;
  };

  void Invalidate(const std::string& path, std::uint64_t asks, Gate& gate);
  void Pass(std::uint64_t session);

  absl::AnyInvocable<void(std::uint64_t session)> on_invalidation_;
  std::map<std::uint64_t, Client> clients_;
  std::set<std::uint64_t> not_empty_;                       // those of them
  std::map<std::string, std::set<std::uint64_t>> cachers_;  // by path
  /// Invalidations that were not carried out: by path and session, the last one's number.
  std::map<std::string, std::map<std::uint64_t, std::uint64_t>> outstanding_;
  std::map<std::string, int> changing_;
  std::list<Gate> gates_;
};

}  // namespace quorum::lock_service
