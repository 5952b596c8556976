#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "labs/lab3_raft/kv.h"

namespace quorum::kv {

/// Does for its users what they ask: finds the leader, and asks until it has the answer. All writes
/// go through one session, up to `kWindow` of them at a time.
class Client final : public Node {
 public:
  Client(Env& env, const NodeConfig& config);

 private:
  /// Session, and sequence within it.
  using Number = std::pair<std::uint64_t, std::uint64_t>;

  /// A user's write.
  struct Errand {
    WriteRequest request;
    Responder<WriteResponse> responder;
    Timer pause = {};
  };
  /// A user's read.
  struct Query {
    GetRequest request;
    Responder<GetResponse> responder;
    Timer pause = {};
  };

  // Whom to ask.
  void AskElsewhere(NodeId asked, NodeId hint);
  Duration Pause() { return env_.RandomBetween(kShortestPause, kLongestPause); }

  // The session.
  void OpenSession();
  std::uint64_t FirstUnanswered(std::uint64_t session) const;

  // Writes.
  void BeginNext();
  void Try(const Number& number);
  void OnWritten(const Number& number, NodeId asked, const absl::StatusOr<WriteResponse>& response);
  void Finish(const Number& number, const absl::StatusOr<WriteResponse>& outcome);

  // Reads.
  void TryToRead(std::uint64_t number);

  static constexpr Duration kTry = std::chrono::milliseconds(200);
  static constexpr Duration kShortestPause = std::chrono::milliseconds(5);
  static constexpr Duration kLongestPause = std::chrono::milliseconds(25);

  Env& env_;
  const std::vector<NodeId> servers_;
  std::size_t server_ = 0;  // which of them is asked

  std::uint64_t session_ = 0;  // 0: none is open
  std::uint64_t next_sequence_ = 1;
  bool opening_ = false;
  Timer open_again_;

  std::deque<Errand> waiting_;          // they have no number yet
  std::map<Number, Errand> under_way_;  // some perhaps of a session that has expired
  std::map<std::uint64_t, Query> queries_;
  std::uint64_t next_query_ = 1;
};

}  // namespace quorum::kv
