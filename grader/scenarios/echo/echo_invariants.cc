#include "grader/scenarios/echo/echo_invariants.h"

#include <fmt/format.h>

namespace quorum::grader::echo {
namespace {

using quorum::echo::Counter;
using quorum::echo::EchoResponse;
using quorum::echo::kEcho;
using quorum::echo::kSay;
using quorum::echo::kServer;
using quorum::echo::SayRequest;
using quorum::echo::SayResponse;

constexpr Statement kAtMostOnce = {
    "echo.at-most-once",
    "The server executes each request at most once, however often it arrives and whatever dies.",
    "Birrell & Nelson 1984, section 3.3; lab 0, \"At most once\""};
constexpr Statement kSameAnswer = {"echo.same-answer",
                                   "An answer carries the text of its request and a number that no "
                                   "other request's answer carries.",
                                   "lab 0, \"The contract\""};
constexpr Statement kDurableBeforeReply = {"echo.durable-before-reply",
                                           "The server answers only what is already on its disk, "
                                           "or a crash would let it forget the answer.",
                                           "lab 0, \"Reply after write\""};

template <class Message>
Message Parse(std::string_view bytes) {
  Message message;
  message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return message;
}

std::uint64_t ExecutionsIn(const sim::KeyValues& data) {
  const auto found = data.find("executions");
  return found == data.end() ? 0 : Parse<Counter>(found->second).value();
}

}  // namespace

std::uint64_t DurableExecutions(const sim::Disk& disk) { return ExecutionsIn(disk.durable()); }

AtMostOnce::AtMostOnce(sim::World& world) : Invariant(world, kAtMostOnce) {}

void AtMostOnce::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                          std::string_view request) {
  ++asked_;
}

void AtMostOnce::OnDurable(NodeId node, const WriteBatch& batch) {
  if (node != kServer) return;
  for (const WriteBatch::Change& change : batch.changes()) {
    if (change.key == "executions" && change.value) Judge(Parse<Counter>(*change.value).value());
  }
}

void AtMostOnce::OnCrash(NodeId node, const sim::Disk& disk) {
  if (node == kServer) Judge(DurableExecutions(disk));
}

void AtMostOnce::Judge(std::uint64_t executions) {
  if (executions > asked_) {
    Violated(fmt::format("The clients have asked {} times so far, and the server's disk says that "
                         "it has executed {} requests.",
                         asked_, executions),
             kServer);
  }
}

SameAnswer::SameAnswer(sim::World& world) : Invariant(world, kSameAnswer) {}

void SameAnswer::OnInvoke(NodeId node, std::uint64_t op, std::string_view path,
                          std::string_view request) {
  if (path == kSay.path) text_of_op_[op] = Parse<SayRequest>(request).text();
}

void SameAnswer::OnReturn(NodeId node, std::uint64_t op, std::string_view path,
                          const absl::Status& status, std::string_view response) {
  if (path != kSay.path || !status.ok()) return;
  const auto answer = Parse<SayResponse>(response);
  if (answer.text() != text_of_op_[op]) {
    return Violated(fmt::format("Operation {} said \"{}\" and was answered \"{}\".", op,
                                text_of_op_[op], answer.text()),
                    node);
  }
  const auto [first, fresh] = op_of_number_.emplace(answer.execution(), op);
  if (!fresh) {
    Violated(fmt::format("Operations {} and {} were both answered as execution number {}.",
                         first->second, op, answer.execution()),
             node);
  }
}

DurableBeforeReply::DurableBeforeReply(sim::World& world) : Invariant(world, kDurableBeforeReply) {}

const sim::Disk& DurableBeforeReply::ServersDisk() const {
  return world().machines().at(kServer)->disk;
}

void DurableBeforeReply::OnSend(const sim::Message& message, std::string_view path) {
  if (!message.is_response || !message.status.ok() || path != kEcho.path) return;
  const std::uint64_t answered = Parse<EchoResponse>(message.payload).execution();
  const std::uint64_t durable = DurableExecutions(ServersDisk());
  if (answered > durable) {
    Violated(fmt::format("It answers node {} with execution number {}, and its disk holds {}.",
                         message.to, answered, durable),
             message.from);
  }
}

}  // namespace quorum::grader::echo
