#pragma once

#include <deque>
#include <string>
#include <vector>

#include "grader/faults/plan.pb.h"
#include "grader/scenarios/hash_ring/cache_room.h"

namespace quorum::grader::cache {

/// What a crowd is about to do.
struct CrowdOptions {
  int operations = 12;                              ///< of each client
  int keys = 5;                                     ///< that all of them share
  sim::SimTime longest_pause = 150 * kMillisecond;  ///< before each operation
  int ring_changes = 0;                             ///< that the administrator makes meanwhile
  sim::SimTime rings_within = 2 * kSecond;          ///< and how long that takes
};

/// Clients that write and read the same few keys, each one operation after the other, and an
/// administrator who changes the ring meanwhile. All of it is drawn from the seed.
class Crowd {
 public:
  Crowd(CacheRoom& room, const CrowdOptions& options);

  /// Everybody begins. The crowd has to live as long as the world is run.
  void Begin();
  bool done() const;

 private:
  void Draw(sim::Rng& random, google::protobuf::RepeatedPtrField<faults::ClientOp>* ops) const;
  void DrawRings(sim::Rng& random, google::protobuf::RepeatedPtrField<faults::ClientOp>* ops) const;
  void BeginNext(std::size_t client);
  void Do(std::size_t client, const faults::ClientOp& op);
  void ChangeRing(const std::string& nodes);

  CacheRoom& room_;
  CrowdOptions options_;
  std::uint32_t clients_;
  std::vector<std::deque<const faults::ClientOp*>> queues_;  // the administrator's comes last
};

}  // namespace quorum::grader::cache
