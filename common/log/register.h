#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "common/log/register.pb.h"
#include "common/log/replicated_log.h"

/// The state machine with which logs are graded, and the node that hosts both. Given: not a file to
/// edit.
namespace quorum::log {

inline constexpr Method<AppendRequest, WriteResponse> kAppend{"/quorum.log.Register/Append"};
inline constexpr Method<PutRequest, WriteResponse> kPut{"/quorum.log.Register/Put"};
inline constexpr Method<ReadRequest, ReadResponse> kRead{"/quorum.log.Register/Read"};
inline constexpr Method<InspectRequest, InspectResponse> kInspect{"/quorum.log.Register/Inspect"};

/// Hears what the log does to the state machine, call for call.
class RegisterObserver {
 public:
  virtual ~RegisterObserver() = default;
  /// `command` was applied at `index`; the value is now `value`.
  virtual void OnApply(NodeId node, LogIndex index, std::string_view command,
                       const std::string& value) = 0;
  virtual void OnRestore(NodeId node, LogIndex index, const std::string& value) = 0;
  virtual void OnLeadership(NodeId node, std::uint64_t epoch) = 0;
};

/// A node that serves the service Register over the log that `make_log` makes. It hands the log a
/// snapshot now and then. `observer` may be null.
std::unique_ptr<Node> MakeRegister(Env& env, const NodeConfig& config,
                                   ReplicatedLogFactory make_log,
                                   RegisterObserver* observer = nullptr);

}  // namespace quorum::log
