#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "grader/faults/plan.pb.h"
#include "grader/scenarios/kv/kv_room.h"

namespace quorum::grader::kv {

/// What a crowd is about to do.
struct CrowdOptions {
  int operations = 12;                             ///< of each user
  int users = 1;                                   ///< of each client, all at the same time
  int keys = 3;                                    ///< that all of them share, beside `kLogKey`
  sim::SimTime longest_pause = 80 * kMillisecond;  ///< of a user, before each operation
};

/// Users who write and read the same few keys. Each does one thing after the other; a client with
/// several users has several things under way. All of it is drawn from the seed.
class Crowd {
 public:
  Crowd(KvRoom& room, const CrowdOptions& options);

  /// Everybody begins. The crowd has to live as long as the world is run.
  void Begin();
  bool done() const;

 private:
  struct User {
    std::deque<const faults::ClientOp*> queue;
    std::map<std::string, std::string> seen;  // the value that it has read last, by key
  };

  void Draw(sim::Rng& random, google::protobuf::RepeatedPtrField<faults::ClientOp>* ops) const;
  void BeginNext(User& user, NodeId at);
  void Do(User& user, NodeId at, const faults::ClientOp& op);
  WriteRequest RequestOf(const User& user, const faults::ClientOp& op) const;

  KvRoom& room_;
  CrowdOptions options_;
  std::vector<User> users_;
};

}  // namespace quorum::grader::kv
