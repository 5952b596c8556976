#pragma once

#include <map>
#include <memory>
#include <string_view>

#include "common/env/env.h"
#include "common/env/node.h"
#include "common/env/node_config.pb.h"
#include "common/node/testing/counter.pb.h"

namespace quorum::testing {

inline constexpr Method<EchoRequest, EchoResponse> kEcho{"/quorum.testing.Counter/Echo"};
inline constexpr Method<AddRequest, AddResponse> kAdd{"/quorum.testing.Counter/Add"};
inline constexpr Method<WaitRequest, WaitResponse> kWait{"/quorum.testing.Counter/Wait"};
inline constexpr Method<FailRequest, FailResponse> kFail{"/quorum.testing.Counter/Fail"};
inline constexpr Method<AddAtRequest, AddResponse> kAddAt{"/quorum.testing.Counter/AddAt"};
inline constexpr Method<EchoRequest, EchoResponse> kAbsent{"/quorum.testing.Counter/Absent"};

/// Serves quorum.testing.Counter, apart from Absent.
class CounterNode : public Node {
 public:
  CounterNode(Env& env, const NodeConfig& config);

 private:
  void Add(const AddRequest& request, Responder<AddResponse> responder);
  void Wait(const WaitRequest& request, Responder<WaitResponse> responder);
  void AddAt(const AddAtRequest& request, Responder<AddResponse> responder);

  Env& env_;
  const bool first_boot_;
  std::int64_t sum_ = 0;
  std::uint64_t next_wait_ = 0;
  struct Waiting {
    Responder<WaitResponse> responder;
    Timer timer;
  };
  std::map<std::uint64_t, Waiting> waiting_;
};

}  // namespace quorum::testing
