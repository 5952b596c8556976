#pragma once

#include <map>
#include <string>

#include "common/log/state_machine.h"
#include "labs/lab3_raft/kv.h"

namespace quorum::grader::kv {

using quorum::kv::Command;
using quorum::kv::GetRequest;
using quorum::kv::GetResponse;
using quorum::kv::OpenSessionRequest;
using quorum::kv::OpenSessionResponse;
using quorum::kv::RequestId;
using quorum::kv::WriteRequest;
using quorum::kv::WriteResponse;

/// What became of a command.
struct Effect {
  WriteResponse response = {};  ///< of a write
  bool executed = false;        ///< a write, just now
  bool repeated = false;        ///< a write that was executed before, whose answer is known
};

/// The state machine as kv.proto has it, written a second time: to compare others with.
class Model {
 public:
  explicit Model(std::uint32_t max_sessions) : max_sessions_(max_sessions) {}

  Effect Apply(LogIndex index, const Command& command);

  const std::map<std::string, std::string>& values() const { return values_; }
  const std::map<std::uint64_t, quorum::kv::Session>& sessions() const { return sessions_; }
  /// As a snapshot is to be.
  std::string Bytes() const;

 private:
  void Open(LogIndex index);
  WriteResponse Execute(const WriteRequest& write);

  std::uint32_t max_sessions_;
  std::map<std::string, std::string> values_;
  std::map<std::uint64_t, quorum::kv::Session> sessions_;
};

}  // namespace quorum::grader::kv
