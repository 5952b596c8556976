// What happens to machines: crashes, pauses, clocks, disks and timers.

#include "grader/sim/flight_recorder.h"
#include "grader/sim/heap_scale.h"
#include "grader/sim/world.h"

namespace quorum::sim {
namespace {

constexpr SimTime kFastestFsync = 50'000;
constexpr SimTime kSlowestFsync = 500'000;

template <class T, class Release>
void FreeAll(Slab<T>& slab, Release release) {
  std::vector<std::uint64_t> tickets;
  slab.ForEach([&](std::uint64_t ticket, T&) { tickets.push_back(ticket); });
  for (const std::uint64_t ticket : tickets) {
    // Releasing one may have freed others: a closure can own timers.
    if (T* value = slab.Find(ticket)) release(ticket, *value);
  }
}

}  // namespace

void World::Crash(NodeId id, bool power_loss) {
  Machine& machine = this->machine(id);
  if (!machine.up()) return;
  machine.process->Die();
  machine.power_lost = power_loss;
  machine.crash_before = 0;
  machine.fsync_running = false;
  machine.paused = false;
  EmptyBacklog(machine);  // what had reached it while it was paused finds it dead
  const std::uint64_t durable = machine.disk.durable_write();
  const std::vector<WriteBatch> survived = machine.disk.Crash(machine.disk_random);
  Record(
      {.id = durable + survived.size(), .node = id, .kind = TraceKind::kCrash, .flag = power_loss});
  for (const WriteBatch& batch : survived) {
    for (Monitor* monitor : monitors_) monitor->OnSurvived(id, batch);
  }
  for (Monitor* monitor : monitors_) monitor->OnCrash(id, machine.disk);
  for (const Process::Held& held : machine.process->held) {
    if (held.message == Slab<Message>::kNone) {
      SetOutcome(held.op, absl::UnavailableError("The node died before its answer left."), "");
      queue_.Add(now_, kReturn, 0, held.op);
      continue;
    }
    const Message lost = message(held.message);
    messages_.Free(held.message);
    TraceRecord record = RecordOf(lost, TraceKind::kLost);
    Record(record, lost.status.ok() ? lost.payload : lost.status.ToString());
    if (lost.is_response && !power_loss) {
      AnswerUnavailable(id,
                        {.from = lost.to,
                         .call = lost.call,
                         .message = RequestOf(lost.id),
                         .deadline = lost.deadline,
                         .method = lost.method},
                        "The peer died.");
    }
  }
  machine.process->held.clear();
  FreeAll(machine.inbound, [&](std::uint64_t ticket, const Inbound& request) {
    if (request.from == 0) {
      SetOutcome(request.call, absl::UnavailableError("The node died."), "");
      queue_.Add(now_, kReturn, 0, request.call);
    } else if (!power_loss) {
      AnswerUnavailable(id, request, "The peer died.");
    }
    machine.inbound.Free(ticket);
  });
  if (running_ != &machine) Bury(machine);
}

void World::Bury(Machine& machine) {
  flight::EnterHandler(machine.id, NameOfHandler(HandlerKind::kDestroy, 0));
  machine.heap_at_end = 0;
  {
    const HeapScale scale(machine.heap_at_end);
    // Closures may own timers and responders of the same node; all of it is without effect now.
    FreeAll(machine.timers, [&](std::uint64_t ticket, PendingTimer& timer) {
      const auto dying = std::move(timer.fire);
      machine.timers.Free(ticket);
      ++cancelled_;
    });
    FreeAll(machine.calls, [&](std::uint64_t ticket, PendingCall& call) {
      const auto dying = std::move(call.done);
      machine.calls.Free(ticket);
      ++cancelled_;
    });
    machine.process->node_.reset();
    machine.process->handlers_.clear();
  }
  machine.process.reset();  // the rest of it is the world's own
  flight::LeaveHandler();
}

void World::Pause(NodeId id) {
  Machine& machine = this->machine(id);
  if (!machine.up() || machine.paused) return;
  Record({.node = id, .kind = TraceKind::kPause});
  machine.paused = true;
}

void World::Resume(NodeId id) {
  Machine& machine = this->machine(id);
  if (!machine.paused) return;
  Record({.node = id, .kind = TraceKind::kResume});
  machine.paused = false;
  EmptyBacklog(machine);
}

void World::EmptyBacklog(Machine& machine) {
  for (const Event& event : machine.backlog)
    queue_.Add(now_, event.kind, event.index, event.ticket);
  machine.backlog.clear();
}

void World::SetClockRate(NodeId id, std::int32_t ppm) {
  machine(id).clock.SetRate(now_, ppm);
  RescheduleTimers(machine(id));
}

void World::JumpClock(NodeId id, SimTime by) {
  machine(id).clock.Jump(now_, by);
  RescheduleTimers(machine(id));
}

void World::FreezeClock(NodeId id, bool frozen) {
  machine(id).clock.SetFrozen(now_, frozen);
  RescheduleTimers(machine(id));
}

void World::ScheduleTimer(Machine& machine, std::uint64_t ticket, Time due) {
  queue_.Add(machine.clock.When(due, now_), kTimer, machine.id, ticket);
}

void World::ScheduleTimeout(Machine& machine, std::uint64_t call, SimTime deadline) {
  queue_.Add(deadline, kTimeout, machine.id, call);
}

void World::RescheduleTimers(Machine& machine) {
  machine.timers.ForEach([&](std::uint64_t ticket, const PendingTimer& timer) {
    ScheduleTimer(machine, ticket, timer.due);
  });
}

void World::FireTimer(Machine& machine, const Event& event) {
  PendingTimer& timer = *machine.timers.Find(event.ticket);
  if (machine.clock.Read(now_) < timer.due) {  // the clock has slowed since
    return ScheduleTimer(machine, event.ticket, timer.due);
  }
  Record({.node = machine.id, .kind = TraceKind::kTimer});
  auto fire = std::move(timer.fire);
  machine.timers.Free(event.ticket);
  RunHandler(machine, HandlerKind::kTimer, 0, [&] { fire(); });
}

void World::FireTimeout(Machine& machine, const Event& event) {
  PendingCall& call = *machine.calls.Find(event.ticket);
  Record({.id = call.message,
          .node = machine.id,
          .peer = call.peer,
          .kind = TraceKind::kTimeout,
          .method = call.method});
  const std::uint16_t method = call.method;
  auto done = std::move(call.done);
  machine.calls.Free(event.ticket);
  RunHandler(machine, HandlerKind::kTimeout, method, [&] {
    done(absl::DeadlineExceededError("No answer came in time."), std::string_view());
  });
}

absl::Status World::WriteToDisk(Machine& machine, const WriteBatch& batch, bool sync) {
  if (machine.disk.full) {
    Record({.node = machine.id, .kind = TraceKind::kWriteError});
    return absl::ResourceExhaustedError("The disk is full.");
  }
  const std::uint64_t write = machine.disk.Append(batch);
  Record({.id = write, .node = machine.id, .kind = TraceKind::kWrite, .flag = sync},
         EncodeBatch(batch));
  if (sync) {
    machine.process->last_synced_write_ = write;
    if (!machine.fsync_running) StartFsync(machine);
  }
  return absl::OkStatus();
}

void World::StartFsync(Machine& machine) {
  machine.fsync_running = true;
  machine.fsync_covers = machine.disk.last_write();
  const SimTime takes =
      machine.disk_random.Between(kFastestFsync, kSlowestFsync) + machine.disk.extra_fsync_ns;
  queue_.Add(now_ + takes, kFsync, machine.id, machine.fsync_covers);
}

void World::FinishFsync(Machine& machine) {
  machine.fsync_running = false;
  if (machine.disk.fail_next_fsync) {
    machine.disk.fail_next_fsync = false;
    NoteFault("The fsync of " + machine.name + " fails, which ends its process.");
    return Crash(machine.id, false);
  }
  machine.disk.booted_before = true;
  Record({.id = machine.fsync_covers, .node = machine.id, .kind = TraceKind::kDurable});
  machine.disk.MakeDurable(machine.fsync_covers, [&](const WriteBatch& batch) {
    for (Monitor* monitor : monitors_) monitor->OnDurable(machine.id, batch);
  });
  if (machine.process->last_synced_write() > machine.disk.durable_write()) StartFsync(machine);
  ReleaseHeld(machine);
}

}  // namespace quorum::sim
