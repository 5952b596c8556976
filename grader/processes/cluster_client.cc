#include "grader/processes/cluster_client.h"

#include <thread>
#include <utility>

#include "common/env/real/clock.h"

namespace quorum::grader {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 400ms;  ///< with one request
constexpr Duration kPause = 20ms;      ///< before one that goes elsewhere

std::int64_t Now() { return MonotonicNow().time_since_epoch().count(); }

}  // namespace

ClusterClient::ClusterClient(std::map<NodeId, std::string> addresses, int number)
    : transport_(MakeGrpcTransport({.listen = "", .peers = addresses})),
      addresses_(std::move(addresses)),
      number_(number) {}

void ClusterClient::Run(const std::atomic<bool>& stop) {
  for (int count = 0; !stop; ++count) {
    if (count % 4 == 3) {
      ReadNow();
    } else {
      AppendNext(stop);
    }
  }
}

bool ClusterClient::ReadAtLast() {
  const Time give_up = MonotonicNow() + 60s;
  while (MonotonicNow() < give_up) {
    if (ReadNow()) return true;
  }
  return false;
}

absl::StatusOr<std::string> ClusterClient::CallBytes(const char* path, std::string request) {
  if (stays_at_ != 0) node_ = stays_at_;
  auto response = CallAndWait(*transport_, node_, path, std::move(request), kPatience);
  ++attempts_;
  return response;
}

void ClusterClient::AppendNext(const std::atomic<bool>& stop) {
  check::Operation operation = Begin(check::OpKind::kAppend);
  operation.value = std::to_string(number_) + "." + std::to_string(words_++) + " ";
  const Answer answer = Append(operation.value, stop);
  if (answer.kind == Answer::Kind::kExecuted) return Executed(std::move(operation));
  TryElsewhere(answer.hint);
  if (answer.kind == Answer::Kind::kUnknown) history_.push_back(std::move(operation));
}

bool ClusterClient::ReadNow() {
  check::Operation operation = Begin(check::OpKind::kGet);
  Answer answer = Read();
  if (answer.kind == Answer::Kind::kExecuted) {
    operation.result = std::move(answer.value);
    Executed(std::move(operation));
    return true;
  }
  TryElsewhere(answer.hint);
  return false;
}

check::Operation ClusterClient::Begin(check::OpKind kind) const {
  check::Operation operation;
  operation.client = number_;
  operation.op = kind;
  operation.call = Now();
  return operation;
}

void ClusterClient::Executed(check::Operation operation) {
  operation.ret = Now();
  history_.push_back(std::move(operation));
  executed_by_ = node_;
  ++executed_;
}

void ClusterClient::TryElsewhere(NodeId hint) {
  if (hint != 0 && hint != node_) {
    node_ = hint;
  } else {
    const auto next = addresses_.upper_bound(node_);
    node_ = next != addresses_.end() ? next->first : addresses_.begin()->first;
  }
  std::this_thread::sleep_for(kPause);
}

}  // namespace quorum::grader
