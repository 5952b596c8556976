#pragma once

#include <map>
#include <set>
#include <string>

#include "grader/scenarios/kv/rule.h"
#include "grader/scenarios/kv/statements.h"

namespace quorum::grader::kv {

/// What a request asks for, whoever asks, and under whatever number: scenarios ask for no two
/// writes that change the same key alike, deletions apart.
std::string ContentOf(const WriteRequest& request);

/// A write has one number, and a number one write.
class OneNumberAWrite final : public Rule {
 public:
  OneNumberAWrite(sim::World& world, const Facts& facts) : Rule(world, kOneNumberAWrite, facts) {}
  void Asks(NodeId client, const WriteRequest& request) override;

 private:
  std::map<Number, std::string> contents_;
  std::map<std::string, Number> numbers_;
};

/// A client says truly which answers it has.
class FirstUnanswered final : public Rule {
 public:
  FirstUnanswered(sim::World& world, const Facts& facts) : Rule(world, kFirstUnanswered, facts) {}
  void Asks(NodeId client, const WriteRequest& request) override;
  void Hears(NodeId client, const WriteRequest& request, const WriteResponse& response) override;
  void UserHears(NodeId client, std::uint64_t op, const WriteRequest& request,
                 const absl::Status& status, const WriteResponse& response) override;

 private:
  std::map<Number, std::string> waiting_;  // what is asked for and not answered
};

/// A user is told what the servers have told about the write, and an error only if they cannot tell
/// any more.
class ExactOutcomes final : public Rule {
 public:
  ExactOutcomes(sim::World& world, const Facts& facts) : Rule(world, kExactOutcomes, facts) {}
  void Asks(NodeId client, const WriteRequest& request) override;
  void UserHears(NodeId client, std::uint64_t op, const WriteRequest& request,
                 const absl::Status& status, const WriteResponse& response) override;
  void OnCrash(NodeId node, const sim::Disk&) override { crashed_.insert(node); }
  void OnBoot(NodeId node, const sim::Disk&) override { asked_.erase(node); }

 private:
  bool WasTold(NodeId client, const std::string& content, const WriteResponse& response) const;

  std::set<NodeId> crashed_;
  /// What a client has asked for since it booted, and under which numbers.
  std::map<NodeId, std::map<std::string, std::set<Number>>> asked_;
};

}  // namespace quorum::grader::kv
