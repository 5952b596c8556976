#include "grader/processes/register_client.h"

#include <thread>
#include <utility>

#include "common/env/real/clock.h"

namespace quorum::grader {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 400ms;  ///< with one request
constexpr Duration kPause = 20ms;      ///< before one that goes elsewhere

std::int64_t Now() { return MonotonicNow().time_since_epoch().count(); }

template <class Request, class Response>
absl::StatusOr<Response> CallNode(GrpcTransport& transport, NodeId node,
                                  const Method<Request, Response>& method, const Request& request) {
  const auto bytes =
      CallAndWait(transport, node, method.path, request.SerializeAsString(), kPatience);
  if (!bytes.ok()) return bytes.status();
  Response response;
  if (!response.ParseFromString(*bytes)) return absl::InternalError("This is no answer.");
  return response;
}

}  // namespace

RegisterClient::RegisterClient(std::map<NodeId, std::string> addresses, int number)
    : transport_(MakeGrpcTransport({.listen = "", .peers = addresses})),
      addresses_(std::move(addresses)),
      number_(number) {}

void RegisterClient::Run(const std::atomic<bool>& stop) {
  for (int count = 0; !stop; ++count) {
    if (count % 4 == 3) {
      Read();
    } else {
      Append();
    }
  }
}

bool RegisterClient::ReadAtLast() {
  const Time give_up = MonotonicNow() + 60s;
  while (MonotonicNow() < give_up) {
    if (Read()) return true;
  }
  return false;
}

template <class Request, class Response>
absl::StatusOr<Response> RegisterClient::Call(const Method<Request, Response>& method,
                                              const Request& request) {
  if (stays_at_ != 0) node_ = stays_at_;
  auto response = CallNode(*transport_, node_, method, request);
  ++attempts_;
  return response;
}

void RegisterClient::Append() {
  check::Operation operation = Begin(check::OpKind::kAppend);
  operation.value = std::to_string(number_) + "." + std::to_string(words_++) + " ";
  log::AppendRequest request;
  request.set_value(operation.value);
  const auto response = Call(log::kAppend, request);
  if (response.ok() && response->outcome() == log::WriteResponse::EXECUTED) {
    return Executed(std::move(operation));
  }
  TryElsewhere(response.ok() ? response->leader_hint() : 0);
  if (response.ok() && response->outcome() == log::WriteResponse::NOT_LEADER) return;
  history_.push_back(std::move(operation));  // it may be executed, now or later
}

bool RegisterClient::Read() {
  check::Operation operation = Begin(check::OpKind::kGet);
  const auto response = Call(log::kRead, log::ReadRequest());
  if (response.ok() && response->confirmed()) {
    operation.result = response->value();
    Executed(std::move(operation));
    return true;
  }
  TryElsewhere(response.ok() ? response->leader_hint() : 0);
  return false;
}

check::Operation RegisterClient::Begin(check::OpKind kind) const {
  check::Operation operation;
  operation.client = number_;
  operation.op = kind;
  operation.call = Now();
  return operation;
}

void RegisterClient::Executed(check::Operation operation) {
  operation.ret = Now();
  history_.push_back(std::move(operation));
  ++acknowledged_;
}

void RegisterClient::TryElsewhere(NodeId hint) {
  const auto next = addresses_.upper_bound(node_);
  node_ = hint != 0 && hint != node_ ? hint
          : next != addresses_.end() ? next->first
                                     : addresses_.begin()->first;
  std::this_thread::sleep_for(kPause);
}

absl::StatusOr<log::InspectResponse> InspectRegister(GrpcTransport& transport, NodeId node) {
  return CallNode(transport, node, log::kInspect, log::InspectRequest());
}

}  // namespace quorum::grader
