#include "grader/sim/world.h"

#include <exception>

#include "common/env/check.h"
#include "common/env/not_written.h"
#include "grader/sim/flight_recorder.h"

namespace quorum::sim {
namespace {

/// Unwinds a handler whose node cannot go on.
struct HandlerEnded {
  Failure::Kind kind;
  std::string sentence;
  std::string where;
};

std::string ShortPlace(const std::source_location& where) {
  const std::string_view file = where.file_name();
  const std::size_t slash = file.rfind('/');
  return std::string(slash == file.npos ? file : file.substr(slash + 1)) + ":" +
         std::to_string(where.line());
}

void ThrowCheckFailed(std::string_view sentence, const std::source_location& where) {
  throw HandlerEnded{Failure::Kind::kCheck, std::string(sentence), ShortPlace(where)};
}

void ThrowNotWritten(std::string_view what, const std::source_location& where) {
  throw HandlerEnded{Failure::Kind::kNotWritten, std::string(what), ShortPlace(where)};
}

const char* NameOfKind(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::kCheck: return "node.check";
    case Failure::Kind::kNotWritten: return "node.not-written";
    case Failure::Kind::kException: return "node.exception";
    case Failure::Kind::kBudget: return "node.budget";
    case Failure::Kind::kInvariant: break;
  }
  return "invariant";
}

}  // namespace

World::World(const WorldOptions& options)
    : options_(options), trace_(options.keep_trace), network_(options.seed) {
  SetCheckFailureHandler(ThrowCheckFailed);
  SetNotWrittenHandler(ThrowNotWritten);
}

World::~World() {
  for (auto& [id, machine] : machines_) {
    if (machine->process) machine->process->Die();
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
  const SimTime end = now_ + limit;
  while (!queue_.empty() && queue_.next().at <= end) {
    Step();
    if (done()) return true;
  }
  now_ = end;
  return done();
}

void World::RunUntilIdle() {
  while (!queue_.empty()) Step();
}

void World::Step() {
  const Event event = queue_.Take();
  now_ = event.at;
  if (++events_ > options_.budget.events) {
    Fail({.kind = Failure::Kind::kBudget,
          .name = NameOfKind(Failure::Kind::kBudget),
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
  if (event.kind == kFsync) {
    // A late end of an fsync that a crash has cut short covers nothing.
    if (machine.fsync_running && machine.fsync_covers == event.ticket) FinishFsync(machine);
    return;
  }
  if (IsStale(event)) {
    if (cancelled_ > 0) --cancelled_;
    return;
  }
  if (machine.paused) {
    machine.backlog.push_back(event);
    return;
  }
  if (event.kind == kTimer) return FireTimer(machine, event);
  FireTimeout(machine, event);
}

bool World::IsStale(const Event& event) {
  if (event.kind == kTimer) return by_id_[event.index]->timers.Find(event.ticket) == nullptr;
  if (event.kind == kTimeout) return by_id_[event.index]->calls.Find(event.ticket) == nullptr;
  return false;
}

void World::PruneStale() {
  queue_.Prune([this](const Event& event) { return IsStale(event); });
  cancelled_ = 0;
}

template <class Body>
void World::RunHandler(Machine& machine, const char* what, std::uint16_t method, Body body) {
  running_ = &machine;
  running_what_ = what;
  running_method_ = method;
  effects_ = 0;
  flight::EnterHandler(machine.id, what, trace_.methods()[method].c_str());
  std::optional<HandlerEnded> ended;
  try {
    body();
  } catch (HandlerEnded& caught) {
    ended = std::move(caught);
  } catch (const std::exception& caught) {
    ended = HandlerEnded{Failure::Kind::kException, caught.what(), ""};
  } catch (...) {
    ended = HandlerEnded{Failure::Kind::kException, "an object that is not a std::exception", ""};
  }
  flight::LeaveHandler();
  // What a node does after its death is no one's business: it ran on against a dead Env.
  if (ended && !machine.process->dead()) {
    Failure failure{.kind = ended->kind, .name = NameOfKind(ended->kind)};
    if (ended->kind == Failure::Kind::kException) {
      failure.sentence = "No exception leaves a handler.";
      failure.detail = "It threw: " + ended->sentence;
    } else {
      failure.sentence = ended->sentence;
      failure.source = ended->where;
    }
    Fail(std::move(failure));
  }
  running_ = nullptr;
  if (machine.process->dead()) Bury(machine);
}

std::string World::HandlerName() const {
  if (running_ == nullptr) return "";
  std::string name = running_what_;
  const std::string& path = trace_.methods()[running_method_];
  return path.empty() ? name : name + " " + path;
}

void World::Fail(Failure failure) {
  if (failure_) return;
  if (running_ != nullptr && failure.node == 0) failure.node = running_->id;
  if (failure.handler.empty()) failure.handler = HandlerName();
  failure.at = now_;
  failure_ = std::move(failure);
}

void World::CountEffect(Machine& machine) {
  const Budget& budget = options_.budget;
  const bool handler_unbounded = ++effects_ > budget.effects_a_handler;
  const bool node_unbounded = machine.timers.used() > budget.pending_a_node ||
                              machine.calls.used() > budget.pending_a_node;
  if (!handler_unbounded && !node_unbounded) [[likely]] return;
  const std::string detail =
      handler_unbounded
          ? "One handler has sent, written or set timers more than " +
                std::to_string(budget.effects_a_handler) + " times and has not returned."
          : "It has more than " + std::to_string(budget.pending_a_node) +
                " timers or calls pending at once: " + std::to_string(machine.timers.used()) +
                " timers and " + std::to_string(machine.calls.used()) + " calls.";
  Fail({.kind = Failure::Kind::kBudget,
        .name = NameOfKind(Failure::Kind::kBudget),
        .sentence = "A node sends a bounded number of messages and sets a bounded number of timers.",
        .detail = detail});
  // The only way out of a handler that would go on for ever.
  throw RunFailed{};
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
  RunHandler(machine, "booting", 0, [&] {
    machine.process->Construct(machine.factory(*machine.process, machine.config));
  });
}

}  // namespace quorum::sim
