#include "grader/sim/process.h"

#include "grader/sim/world.h"

namespace quorum::sim {

Process::Process(World& world, Machine& machine, std::uint64_t boot)
    : world_(world),
      machine_(machine),
      boot_(boot),
      random_(world.seed(), Combine(machine.id, boot)),
      storage_(*this),
      last_synced_write_(machine.disk.durable_write()) {}

Process::~Process() { dead_ = true; }

Time Process::Now() const { return machine_.clock.Read(world_.now()); }

void Process::Log(std::string_view line) {
  if (!dead_) world_.Record({.node = machine_.id, .kind = TraceKind::kLog}, line);
}

bool Process::MayTakeEffect() {
  if (dead_) return false;
  world_.CountEffect(machine_);
  if (machine_.crash_before > 0 && --machine_.crash_before == 0) {
    world_.Crash(machine_.id, false);
    return false;
  }
  return true;
}

std::uint64_t Process::StartTimer(Duration delay, absl::AnyInvocable<void()> fire) {
  if (dead_) return Slab<PendingTimer>::kNone;
  world_.CountEffect(machine_);
  const std::uint64_t ticket = machine_.timers.Take();
  PendingTimer& timer = *machine_.timers.Find(ticket);
  timer.due = Now() + std::max(delay, Duration::zero());
  timer.fire = std::move(fire);
  world_.ScheduleTimer(machine_, ticket, timer.due);
  return ticket;
}

void Process::CancelTimer(std::uint64_t id) {
  PendingTimer* timer = machine_.timers.Find(id);
  if (timer == nullptr) return;
  // The closure may own the very thing that is being cancelled: let it die after the place is free.
  const absl::AnyInvocable<void()> dying = std::move(timer->fire);
  machine_.timers.Free(id);
  world_.CountCancelled();
}

std::uint16_t Process::NumberOf(const MethodName& method) {
  for (const auto& [path, number] : method_numbers_) {
    if (path == method.path) return number;
  }
  CheckMethodExists(method);
  const std::uint16_t number = world_.MethodNumber(method.path);
  method_numbers_.emplace_back(method.path, number);
  return number;
}

void Process::ServeRaw(const MethodName& method, RawHandler handler) {
  const std::uint16_t number = NumberOf(method);
  if (handlers_.size() <= number) handlers_.resize(number + 1);
  handlers_[number] = std::move(handler);
}

Process::RawHandler* Process::FindHandler(std::uint16_t method) {
  return method < handlers_.size() && handlers_[method] ? &handlers_[method] : nullptr;
}

void Process::CallRaw(NodeId peer, const MethodName& method, std::string_view request,
                      Duration timeout, RawCallback done) {
  if (!MayTakeEffect()) return;
  const std::uint64_t call = machine_.calls.Take();
  PendingCall& pending = *machine_.calls.Find(call);
  pending.peer = peer;
  pending.method = NumberOf(method);
  pending.done = std::move(done);
  const SimTime deadline = machine_.clock.When(Now() + timeout, world_.now());
  world_.ScheduleTimeout(machine_, call, deadline);
  const std::uint64_t ticket =
      world_.NewMessage(++world_.requests_, machine_.id, peer, pending.method, call, deadline);
  Message& message = world_.message(ticket);
  message.payload.assign(request);
  pending.message = message.id;
  SendOrHold(ticket);
}

void Process::Reply(std::uint64_t id, const absl::Status& status, std::string_view response) {
  if (!MayTakeEffect()) return;
  Inbound* request = machine_.inbound.Find(id);
  if (request == nullptr) return;
  const std::uint64_t waits_for = last_synced_write_;
  if (request->from == 0) {
    world_.SetOutcome(request->call, status, response);
    held.push_back({waits_for, Slab<Message>::kNone, request->call});
    machine_.inbound.Free(id);
    world_.ReleaseHeld(machine_);
    return;
  }
  const std::uint64_t ticket = world_.NewResponse(machine_.id, *request, status);
  world_.message(ticket).payload.assign(response);
  machine_.inbound.Free(id);
  SendOrHold(ticket);
}

void Process::SendOrHold(std::uint64_t message) {
  if (held.empty() && last_synced_write_ <= machine_.disk.durable_write()) {
    world_.Transmit(message);
  } else {
    held.push_back({last_synced_write_, message, 0});
  }
}

std::string_view Process::CallerOf(std::uint64_t id) const {
  const Inbound* request = machine_.inbound.Find(id);
  return request == nullptr ? std::string_view() : request->caller;
}

Time Process::DeadlineOf(std::uint64_t id) const {
  const Inbound* request = machine_.inbound.Find(id);
  return request == nullptr ? Time::max() : Now() + Duration(request->deadline - world_.now());
}

std::optional<std::string> Process::DiskStorage::Get(std::string_view key) const {
  const KeyValues& data = process_.machine_.disk.current();
  const auto found = data.find(key);
  if (found == data.end()) return std::nullopt;
  return found->second;
}

void Process::DiskStorage::Scan(
    std::string_view prefix,
    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const {
  const KeyValues& data = process_.machine_.disk.current();
  for (auto at = data.lower_bound(prefix); at != data.end(); ++at) {
    if (!std::string_view(at->first).starts_with(prefix) || !visit(at->first, at->second)) return;
  }
}

absl::Status Process::DiskStorage::Write(const WriteBatch& batch, WriteOptions options) {
  if (!process_.MayTakeEffect()) return absl::OkStatus();
  return process_.world_.WriteToDisk(process_.machine_, batch, options.sync);
}

}  // namespace quorum::sim
