#pragma once

#include <map>
#include <set>

#include "grader/check/invariant.h"
#include "labs/lab0_echo/echo.h"

namespace quorum::grader::echo {

/// No two requests get the same number, and no number is given before it is durable.
class AtMostOnce final : public Invariant {
 public:
  explicit AtMostOnce(sim::World& world);
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnDurable(NodeId node, const WriteBatch& batch) override;
  void OnCrash(NodeId node, const sim::Disk& disk) override;

 private:
  void Judge(std::uint64_t executions);

  std::uint64_t asked_ = 0;
};

/// Every answer carries the request's text, and a number that no other request's answer carries.
class SameAnswer final : public Invariant {
 public:
  explicit SameAnswer(sim::World& world);
  void OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                std::string_view request) override;
  void OnReturn(NodeId node, std::uint64_t op, std::string_view path, const absl::Status& status,
                std::string_view response) override;

  /// How many operations have been answered.
  std::size_t answered() const { return op_of_number_.size(); }

 private:
  std::map<std::uint64_t, std::string> text_of_op_;
  std::map<std::uint64_t, std::uint64_t> op_of_number_;
};

/// A response does not leave the server before the execution that it tells of is on its disk.
class DurableBeforeReply final : public Invariant {
 public:
  explicit DurableBeforeReply(sim::World& world);
  void OnSend(const sim::Message& message, std::string_view path) override;

 private:
  const sim::Disk& ServersDisk() const;
};

/// The number at the key "executions" of the server's disk, as far as it is durable.
std::uint64_t DurableExecutions(const sim::Disk& disk);

}  // namespace quorum::grader::echo
