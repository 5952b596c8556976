#include "grader/sim/world.h"

#include "common/env/check.h"
#include "grader/sim/handler_ended.h"

namespace quorum::sim {
World::World(const WorldOptions& options)
    : options_(options), trace_(options.keep_trace), network_(options.seed) {
  InstallFailureHandlers();
}

World::~World() {
  for (auto& [id, machine] : machines_) {
    if (!machine->process) continue;
    machine->process->Die();
    Bury(*machine);
  }
}

Machine& World::AddMachine(std::string name, NodeFactory factory, const NodeConfig& config) {
  auto machine = std::make_unique<Machine>();
  machine->id = config.self();
  machine->name = std::move(name);
  machine->factory = factory;
  machine->config = config;
  machine->disk_random = Rng(options_.seed, Combine(machine->id, 0xd15c));
  Machine& added = *machine;
  Check(machines_.emplace(added.id, std::move(machine)).second, "Every machine has its own id.");
  if (by_id_.size() <= added.id) by_id_.resize(added.id + 1);
  by_id_[added.id] = &added;
  return added;
}

Machine& World::machine(NodeId id) {
  Check(id < by_id_.size() && by_id_[id] != nullptr, "A fault or an operation names a machine.");
  return *by_id_[id];
}

void World::At(SimTime at, std::function<void()> what) {
  const std::uint64_t ticket = scripts_.Take();
  *scripts_.Find(ticket) = std::move(what);
  queue_.Add(std::max(at, now_), kScript, 0, ticket);
}

bool World::RunUntil(const std::function<bool()>& done, SimTime limit) {
  if (failure_) throw RunFailed{};  // a node may have failed while it booted
  if (done()) return true;
  const SimTime end = now_ + limit;
  while (!queue_.empty() && queue_.next().at <= end) {
    Step();
    if (done()) return true;
  }
  now_ = end;
  return done();
}

void World::RunUntilIdle() {
  if (failure_) throw RunFailed{};
  while (!queue_.empty()) Step();
}

void World::Step() {
  const Event event = queue_.Take();
  now_ = event.at;
  if (++events_ > options_.budget.events) {
    Fail({.kind = Failure::Kind::kBudget,
          .name = "node.budget",
          .sentence = "A run comes to an end.",
          .detail = "After " + std::to_string(options_.budget.events) +
                    " events there is still more to do: do two nodes answer each other for ever?"});
  }
  if (!failure_) Dispatch(event);
  if (cancelled_ > 1024 && cancelled_ > queue_.size() / 2) PruneStale();
  if (failure_) throw RunFailed{};
}

void World::Dispatch(const Event& event) {
  if (event.kind == kScript) {
    const std::function<void()> what = std::move(*scripts_.Find(event.ticket));
    scripts_.Free(event.ticket);
    return what();
  }
  if (event.kind == kDeliver) return Deliver(event);
  if (event.kind == kReturn) return FinishOperation(event.ticket);
  if (event.kind == kInvoke) return StartOperation(event);
  Machine& machine = *by_id_[event.index];
  if (IsStale(event)) {
    if (cancelled_ > 0) --cancelled_;
    return;
  }
  if (machine.paused) {
    machine.backlog.push_back(event);
    return;
  }
  if (event.kind == kFsync) return FinishFsync(machine);
  if (event.kind == kTimer) return FireTimer(machine, event);
  FireTimeout(machine, event);
}

bool World::IsStale(const Event& event) {
  if (event.kind == kTimer) return by_id_[event.index]->timers.Find(event.ticket) == nullptr;
  if (event.kind == kTimeout) return by_id_[event.index]->calls.Find(event.ticket) == nullptr;
  if (event.kind == kFsync) {  // a crash has cut it short
    const Machine& machine = *by_id_[event.index];
    return !machine.fsync_running || machine.fsync_covers != event.ticket;
  }
  return false;
}

void World::PruneStale() {
  queue_.Prune([this](const Event& event) { return IsStale(event); });
  cancelled_ = 0;
}

void World::Boot(NodeId id) {
  Machine& machine = this->machine(id);
  if (machine.up()) return;
  if (machine.disk.corrupt) {
    Record({.node = id, .kind = TraceKind::kRefuse});
    return;
  }
  machine.power_lost = false;
  machine.config.set_first_boot(!machine.disk.booted_before);
  const std::uint64_t boot = ++machine.boots;
  Rng start(options_.seed, Combine(id, Combine(boot, 0xc10c)));
  if (boot == 1) machine.clock = Clock(start.Between(1, 1'000'000'000'000));
  Record({.id = boot, .node = id, .kind = TraceKind::kBoot});
  for (Monitor* monitor : monitors_) monitor->OnBoot(id, machine.disk);
  machine.process = std::make_unique<Process>(*this, machine, boot);
  RunHandler(machine, HandlerKind::kBoot, 0, [&] {
    machine.process->Construct(machine.factory(*machine.process, machine.config));
  });
}

}  // namespace quorum::sim
