#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "common/env/time.h"
#include "common/rpc/method.h"

namespace quorum::explore {

/// A message as the nodes of an explored world can tell it from others: equal ones are one. A
/// client's operation is a request from node 0, its end a response to node 0.
struct Message {
  NodeId from = 0;
  NodeId to = 0;
  std::uint16_t method = 0;
  bool is_response = false;
  /// Numbers the call at its caller, over all of its boots; of an operation, its index.
  std::uint32_t call = 0;
  std::uint32_t request = 0;  ///< of a response: the message that it answers
  Duration timeout = {};      ///< of a request: how long its caller waits
  absl::Status status = {};   ///< of a response
  std::string payload = {};
};

/// Numbers messages and methods in the order in which they turn up.
class MessageTable {
 public:
  explicit MessageTable(std::vector<std::string> off) : off_(std::move(off)) {}

  std::uint32_t Number(Message message);
  const Message& operator[](std::uint32_t message) const { return messages_[message]; }
  std::size_t size() const { return messages_.size(); }

  /// Fails a check unless it is an rpc of a linked .proto.
  std::uint16_t MethodNumber(const MethodName& name);
  /// The same for a path that the grader itself names.
  std::uint16_t MethodNumber(std::string_view path);
  const std::string& PathOf(std::uint16_t method) const { return methods_[method].path; }
  /// Whether messages of this method never arrive.
  bool IsOff(std::uint16_t method) const { return methods_[method].off; }

 private:
  struct MethodInfo {
    std::string path;
    bool off;
  };

  std::vector<std::string> off_;
  std::vector<MethodInfo> methods_;
  std::deque<Message> messages_;  // which do not move
  absl::flat_hash_map<std::string, std::uint32_t> numbers_;
};

}  // namespace quorum::explore
