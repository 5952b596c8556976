#pragma once

#include "grader/check/invariant.h"
#include "grader/scenarios/kv/facts.h"

namespace quorum::grader::kv {

/// Nodes from this one on are clients; those below are servers.
inline constexpr NodeId kFirstClient = 101;

/// An invariant of the key-value service. It hears what `Watch` makes of messages and operations,
/// in the order in which it happens.
class Rule : public Invariant {
 public:
  Rule(sim::World& world, const Statement& statement, const Facts& facts)
      : Invariant(world, statement), facts_(facts) {}

  /// A client asks a server for a write.
  virtual void Asks(NodeId client, const WriteRequest& request) {}
  /// A server answers `request`, whoever has asked.
  virtual void Answers(NodeId server, const WriteRequest& request, const WriteResponse& response) {}
  /// The answer to `request` reaches the client.
  virtual void Hears(NodeId client, const WriteRequest& request, const WriteResponse& response) {}
  /// A user asks a client for the write numbered `op`.
  virtual void UserAsks(NodeId client, std::uint64_t op, const WriteRequest& request) {}
  /// It is answered; of the two, `response` counts if `status` is OK.
  virtual void UserHears(NodeId client, std::uint64_t op, const WriteRequest& request,
                         const absl::Status& status, const WriteResponse& response) {}
  /// Somebody, a user or a client, is told of a value that was read at `node`.
  virtual void Reads(NodeId node, const GetRequest& request, const GetResponse& response) {}

 protected:
  const Facts& facts() const { return facts_; }

 private:
  const Facts& facts_;
};

}  // namespace quorum::grader::kv
