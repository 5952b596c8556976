// How messages and clients' operations travel.

#include "grader/sim/world.h"

namespace quorum::sim {

TraceRecord World::RecordOf(const Message& message, TraceKind kind) {
  return {.id = message.id,
          .node = message.from,
          .peer = message.to,
          .kind = kind,
          .flag = static_cast<std::uint8_t>((message.is_response ? 1 : 0) |
                                            (message.status.ok() ? 0 : 2)),
          .method = message.method};
}

std::uint64_t World::NewMessage(std::uint64_t id, NodeId from, NodeId to, std::uint16_t method,
                                std::uint64_t call, SimTime deadline) {
  const std::uint64_t ticket = messages_.Take();
  Message& message = *messages_.Find(ticket);
  message.id = id;
  message.from = from;
  message.to = to;
  message.method = method;
  message.is_response = false;
  message.call = call;
  message.deadline = deadline;
  message.status = absl::OkStatus();
  message.payload.clear();
  return ticket;
}

std::uint64_t World::NewResponse(NodeId from, const Inbound& request, const absl::Status& status) {
  const std::uint64_t ticket =
      NewMessage(ResponseId(request.message, ++responses_), from, request.from, request.method,
                 request.call, request.deadline);
  Message& response = message(ticket);
  response.is_response = true;
  response.status = status;
  return ticket;
}

void World::Transmit(std::uint64_t ticket) {
  Message& message = this->message(ticket);
  TraceRecord record = RecordOf(message, TraceKind::kSend);
  if (message.status.ok()) {
    Record(record, message.payload);
  } else {
    Record(record, message.status.ToString());
  }
  for (Monitor* monitor : monitors_) monitor->OnSend(message, trace_.methods()[message.method]);
  const Network::Fate fate = network_.Draw(message.from, message.to, now_, message.payload.size());
  if (fate.drop) {
    record.kind = TraceKind::kDrop;
    Record(record);
    messages_.Free(ticket);
    return;
  }
  queue_.Add(now_ + fate.delay, kDeliver, message.to, ticket);
  if (fate.duplicate) {
    record.kind = TraceKind::kDuplicate;
    Record(record);
    const std::uint64_t copy = messages_.Take();
    *messages_.Find(copy) = this->message(ticket);
    queue_.Add(now_ + fate.duplicate_delay, kDeliver, message.to, copy);
  }
}

void World::Deliver(const Event& event) {
  Message& message = this->message(event.ticket);
  Machine* target = message.to < by_id_.size() ? by_id_[message.to] : nullptr;
  if (target == nullptr || !target->up()) {
    if (!message.is_response && (target == nullptr || !target->power_lost)) {
      Record(RecordOf(message, TraceKind::kRefused));
      AnswerUnavailable(message.to,
                        {.from = message.from,
                         .call = message.call,
                         .message = message.id,
                         .deadline = message.deadline,
                         .method = message.method},
                        "Nothing listens at the peer.");
    }
    messages_.Free(event.ticket);
    return;
  }
  if (target->paused) {
    target->backlog.push_back(event);
    return;
  }
  if (message.is_response) {
    DeliverResponse(*target, message);
  } else {
    DeliverRequest(*target, message);
  }
  messages_.Free(event.ticket);
}

void World::RecordDelivery(const Message& message) {
  TraceRecord record = RecordOf(message, TraceKind::kDeliver);
  std::swap(record.node, record.peer);
  if (message.status.ok()) {
    Record(record);
  } else {  // said once more, since nobody has sent it when the peer is dead
    Record(record, message.status.ToString());
  }
}

void World::DeliverRequest(Machine& target, Message& message) {
  ++delivered_;
  const std::string& path = trace_.methods()[message.method];
  RecordDelivery(message);
  for (Monitor* monitor : monitors_) monitor->OnDeliver(message, path);
  const std::uint64_t id = target.inbound.Take();
  Inbound& request = *target.inbound.Find(id);
  request.from = message.from;
  request.call = message.call;
  request.message = message.id;
  request.deadline = message.deadline;
  request.method = message.method;
  request.caller.assign(by_id_[message.from]->name);
  Env::RawHandler* handler = target.process->FindHandler(message.method);
  RunHandler(target, HandlerKind::kRequest, message.method, [&] {
    if (handler != nullptr) return (*handler)(message.payload, id);
    Process& process = *target.process;
    process.Reply(id, absl::UnimplementedError("This node does not serve " + path + "."), "");
  });
}

void World::DeliverResponse(Machine& target, Message& message) {
  PendingCall* call = target.calls.Find(message.call);
  if (call == nullptr) return;  // it has timed out, was answered already, or its caller rebooted
  ++delivered_;
  RecordDelivery(message);
  for (Monitor* monitor : monitors_) monitor->OnDeliver(message, trace_.methods()[message.method]);
  auto done = std::move(call->done);
  target.calls.Free(message.call);
  ++cancelled_;
  RunHandler(target, HandlerKind::kResponse, message.method,
             [&] { done(message.status, message.payload); });
}

void World::AnswerUnavailable(NodeId dead, const Inbound& request, const char* why) {
  const NodeId caller = request.from;
  const std::uint64_t ticket = NewResponse(dead, request, absl::UnavailableError(why));
  // The dead node's kernel says so, not the node: it goes the same way, but nobody has sent it.
  const Network::Fate fate = network_.Draw(dead, caller, now_, 0);
  if (fate.drop) {
    messages_.Free(ticket);
  } else {
    queue_.Add(now_ + fate.delay, kDeliver, caller, ticket);
  }
}

void World::ReleaseHeld(Machine& machine) {
  std::deque<Process::Held>& held = machine.process->held;
  while (!held.empty() && held.front().after <= machine.disk.durable_write()) {
    const Process::Held first = held.front();
    held.pop_front();
    if (first.message == Slab<Message>::kNone) {
      queue_.Add(now_, kReturn, 0, first.op);
    } else {
      Transmit(first.message);
    }
  }
}

std::uint64_t World::InvokeRaw(NodeId id, const MethodName& method, std::string request,
                               std::function<void(const absl::Status&, std::string_view)> done) {
  CheckMethodExists(method);
  const std::uint64_t ticket = operations_.Take();
  Operation& op = *operations_.Find(ticket);
  op.node = id;
  op.method = MethodNumber(method.path);
  op.number = next_operation_++;
  op.request = std::move(request);
  op.done = std::move(done);
  queue_.Add(now_, kInvoke, id, ticket);
  return op.number;
}

void World::StartOperation(const Event& event) {
  Operation& op = *operations_.Find(event.ticket);
  Machine& machine = this->machine(op.node);
  if (machine.up() && machine.paused) {
    machine.backlog.push_back(event);
    return;
  }
  const std::string& path = trace_.methods()[op.method];
  Record({.id = op.number, .node = op.node, .kind = TraceKind::kInvoke, .method = op.method},
         op.request);
  for (Monitor* monitor : monitors_) monitor->OnInvoke(op.node, op.number, path, op.request);
  if (!machine.up()) {
    op.status = absl::UnavailableError("The node is down.");
    return FinishOperation(event.ticket);
  }
  const std::uint64_t id = machine.inbound.Take();
  Inbound& request = *machine.inbound.Find(id);
  request.from = 0;
  request.call = event.ticket;
  request.deadline = now_ + 1'000'000'000'000;
  request.method = op.method;
  request.caller.assign("scenario");
  Env::RawHandler* handler = machine.process->FindHandler(op.method);
  RunHandler(machine, HandlerKind::kOperation, op.method, [&] {
    if (handler != nullptr) return (*handler)(op.request, id);
    machine.process->Reply(id, absl::UnimplementedError("This node does not serve " + path + "."),
                           "");
  });
}

void World::SetOutcome(std::uint64_t op, const absl::Status& status, std::string_view response) {
  Operation& operation = *operations_.Find(op);
  operation.status = status;
  operation.response.assign(response);
}

void World::FinishOperation(std::uint64_t ticket) {
  const Operation op = std::move(*operations_.Find(ticket));
  operations_.Free(ticket);
  const std::string& path = trace_.methods()[op.method];
  Record({.id = op.number,
          .node = op.node,
          .kind = TraceKind::kReturn,
          .flag = static_cast<std::uint8_t>(op.status.ok() ? 0 : 2),
          .method = op.method},
         op.status.ok() ? op.response : op.status.ToString());
  for (Monitor* monitor : monitors_) {
    monitor->OnReturn(op.node, op.number, path, op.status, op.response);
  }
  op.done(op.status, op.response);
}

}  // namespace quorum::sim
