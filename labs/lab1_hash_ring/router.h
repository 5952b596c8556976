#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "common/env/env.h"
#include "labs/lab1_hash_ring/cache.h"
#include "labs/lab1_hash_ring/rings.h"

namespace quorum::hash_ring {

/// Does for users what they ask of the cache: finds the primary, retries until it answers, and
/// follows the ring. Clients and nodes both have one, so users may ask any of them.
class Router {
 public:
  Router(Env& env, const NodeConfig& config);

  /// Serves kPut, kAppend, kDelete and kGet.
  void ServeKeys();
  /// Serves kInstallRing, by asking one node after another (1D).
  void ServeInstallRing();

  /// Follows a ring, if it is newer (1D).
  void Learn(const RingHistory& other);

 private:
  /// How a user's request ends: with the record that was read, or one that has only the version
  /// that was written.
  using Done = absl::AnyInvocable<void(absl::StatusOr<Record>)>;

  /// A user's request.
  struct Errand {
    WriteKind kind = WRITE_KIND_UNKNOWN;  // unknown: a get
    std::string value = {};
    Time deadline = {};  // when the user stops waiting
    Done done = {};
    RequestId id = {};  // of a write, once it is under way
    Timer pause = {};
  };

  /// The administrator's request (1D).
  struct Installation {
    InstallRingRequest request;
    Responder<InstallRingResponse> responder;
    Timer pause;
  };

  template <class Request, class Response>
  void ServeWrite(const Method<Request, Response>& method, WriteKind kind);

  void Add(const std::string& key, Errand errand);
  void Try(const std::string& key);
  void TryRead(const std::string& key, NodeId primary);
  void TryWrite(const std::string& key, NodeId primary);
  void Follow(const std::string& key, const RingHistory& newer);
  void TryAgainLater(const std::string& key);
  void Finish(const std::string& key, absl::StatusOr<Record> outcome);
  bool TakeId(RequestId& id);
  void AskAround();
  void TryInstall(std::uint64_t number);

  Env& env_;
  NodeId self_;
  Rings rings_;
  std::uint64_t incarnation_ = 0;  // 0: not taken yet
  std::uint64_t sequence_ = 0;
  std::map<std::string, std::deque<Errand>> errands_;    // by key; the first one is under way
  std::map<std::uint64_t, Installation> installations_;  // all of them under way
  std::uint64_t next_installation_ = 1;
};

}  // namespace quorum::hash_ring
