#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/env/env.h"
#include "grader/sim/event_queue.h"
#include "grader/sim/failure.h"
#include "grader/sim/handler_name.h"
#include "grader/sim/machine.h"
#include "grader/sim/message.h"
#include "grader/sim/monitor.h"
#include "grader/sim/network.h"
#include "grader/sim/slab.h"
#include "grader/sim/trace.h"

namespace quorum::sim {

/// Thrown by the functions that let time pass when the run has failed; `World::failure` says why.
struct RunFailed {};

/// What keeps a run finite. Events, never seconds: a verdict is the same on every machine.
struct Budget {
  std::uint64_t events = 20'000'000;          ///< of the whole run
  std::uint64_t effects_a_handler = 200'000;  ///< sends, writes and timers of one handler
  std::uint64_t pending_a_node = 200'000;     ///< timers, or calls, that one node has pending
};

/// How a world is made.
struct WorldOptions {
  std::uint64_t seed = 0;
  bool keep_trace = false;
  /// Calls `quorum_debug_break_here` before the handler of this number; 0: never.
  std::uint64_t break_at_handler = 0;
  /// Ends the run as failed instead of running the handler of this number; 0: does not.
  std::uint64_t stop_before_handler = 0;
  Budget budget;
};

/// A simulated machine room: nodes, each with disk and clock, on a network, in virtual time. One
/// thread and one queue of events; everything that happens follows from the code, the seed, and
/// what the scenario asks for.
class World {
 public:
  explicit World(const WorldOptions& options);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Adds a machine with an empty disk; `Boot` starts its process. `config.self` is its id, and
  /// `name` its authenticated name.
  Machine& AddMachine(std::string name, NodeFactory factory, const NodeConfig& config);
  Machine& machine(NodeId id);
  const std::map<NodeId, std::unique_ptr<Machine>>& machines() const { return machines_; }

  // The machine room. Each of these takes effect at once, and is harmless when it changes nothing.
  void Boot(NodeId id);
  void Crash(NodeId id, bool power_loss);
  void CrashBeforeEffect(NodeId id, std::uint32_t k) { machine(id).crash_before = k; }
  void Pause(NodeId id);
  void Resume(NodeId id);
  void SetClockRate(NodeId id, std::int32_t ppm);
  void JumpClock(NodeId id, SimTime by);
  void FreezeClock(NodeId id, bool frozen);
  Network& network() { return network_; }
  const Network& network() const { return network_; }
  void NoteFault(std::string_view what) { Record({.kind = TraceKind::kFault}, what); }

  /// Starts a client's operation: a request that the scenario itself hands to the node `id`,
  /// without a network in between. `done` is called at most once; UNAVAILABLE means that the node
  /// died.
  template <class Request, class Response>
  std::uint64_t Invoke(NodeId id, const Method<Request, Response>& method, const Request& request,
                       std::function<void(const absl::StatusOr<Response>&)> done);

  SimTime now() const { return now_; }
  std::uint64_t seed() const { return options_.seed; }
  /// Calls `what` at the virtual time `at`, outside of any node.
  void At(SimTime at, std::function<void()> what);
  /// Lets `duration` pass. Throws RunFailed when the run fails meanwhile, as do the next two.
  void RunFor(SimTime duration) {
    RunUntil([] { return false; }, duration);
  }
  /// Lets time pass until `done` holds after some event, for at most `limit`; false: it never did.
  bool RunUntil(const std::function<bool()>& done, SimTime limit);
  /// The same until nothing is left to happen.
  void RunUntilIdle();

  /// Adds an observer, which outlives the world's last event.
  void Watch(Monitor& monitor) { monitors_.push_back(&monitor); }
  /// Ends the run as failed, at the end of the current event. The first failure counts.
  void Fail(Failure failure);
  const std::optional<Failure>& failure() const { return failure_; }

  Trace& trace() { return trace_; }
  const Trace& trace() const { return trace_; }
  std::uint64_t events() const { return events_; }
  std::uint64_t delivered() const { return delivered_; }
  std::uint16_t MethodNumber(std::string_view path) { return trace_.MethodNumber(path); }
  void Record(TraceRecord record, std::string_view payload = {}) {
    record.at = now_;
    trace_.Add(record, payload);
  }

 private:
  friend class Process;

  enum EventKind : std::uint32_t { kDeliver, kTimer, kTimeout, kFsync, kInvoke, kReturn, kScript };

  /// A client's operation that the scenario has started.
  struct Operation {
    NodeId node = 0;
    std::uint16_t method = 0;
    std::uint64_t number = 0;
    std::string request;
    absl::Status status;
    std::string response;
    std::function<void(const absl::Status&, std::string_view)> done;
  };

  // Student code (handler.cc).
  void RunHandler(Machine& machine, HandlerKind kind, std::uint16_t method,
                  absl::FunctionRef<void()> body);
  const char* NameOfHandler(HandlerKind kind, std::uint16_t method);
  void CountEffect(Machine& machine);

  // The loop (world.cc).
  void Step();
  void Dispatch(const Event& event);
  bool IsStale(const Event& event);
  void PruneStale();
  void CountCancelled() { ++cancelled_; }

  // Messages (delivery.cc).
  std::uint64_t InvokeRaw(NodeId id, const MethodName& method, std::string request,
                          std::function<void(const absl::Status&, std::string_view)> done);
  std::uint64_t NewMessage(std::uint64_t id, NodeId from, NodeId to, std::uint16_t method,
                           std::uint64_t call, SimTime deadline);
  std::uint64_t NewResponse(NodeId from, const Inbound& request, const absl::Status& status);
  Message& message(std::uint64_t ticket) { return *messages_.Find(ticket); }
  void Transmit(std::uint64_t ticket);
  void Deliver(const Event& event);
  static TraceRecord RecordOf(const Message& message, TraceKind kind);
  void RecordDelivery(const Message& message);
  void DeliverRequest(Machine& target, Message& message);
  void DeliverResponse(Machine& target, Message& message);
  void AnswerUnavailable(NodeId dead, const Inbound& request, const char* why);
  void ReleaseHeld(Machine& machine);
  void SetOutcome(std::uint64_t op, const absl::Status& status, std::string_view response);
  void StartOperation(const Event& event);
  void FinishOperation(std::uint64_t op);

  // Crashes, disks and timers (machine_room.cc).
  void Bury(Machine& machine);
  void EmptyBacklog(Machine& machine);
  absl::Status WriteToDisk(Machine& machine, const WriteBatch& batch, bool sync);
  void StartFsync(Machine& machine);
  void FinishFsync(Machine& machine);
  void ScheduleTimer(Machine& machine, std::uint64_t ticket, Time due);
  void ScheduleTimeout(Machine& machine, std::uint64_t call, SimTime deadline);
  void RescheduleTimers(Machine& machine);
  void FireTimer(Machine& machine, const Event& event);
  void FireTimeout(Machine& machine, const Event& event);

  WorldOptions options_;
  SimTime now_ = 0;
  EventQueue queue_;
  Trace trace_;
  Network network_;
  std::map<NodeId, std::unique_ptr<Machine>> machines_;
  std::vector<Machine*> by_id_;  // the same, found faster
  Slab<Message> messages_;
  Slab<Operation> operations_;
  Slab<std::function<void()>> scripts_;
  std::vector<Monitor*> monitors_;
  std::optional<Failure> failure_;
  std::uint64_t events_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t handlers_ = 0;
  std::uint64_t cancelled_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t responses_ = 0;
  std::uint64_t next_operation_ = 1;
  Machine* running_ = nullptr;                                         // whose handler runs
  const char* running_what_ = "";                                      // the name of that handler
  std::vector<std::array<const char*, kHandlerKinds>> handler_names_;  // by method number
  std::uint64_t effects_ = 0;                                          // of the running handler
};

template <class Request, class Response>
std::uint64_t World::Invoke(NodeId id, const Method<Request, Response>& method,
                            const Request& request,
                            std::function<void(const absl::StatusOr<Response>&)> done) {
  return InvokeRaw(id, NameOf(method), request.SerializeAsString(),
                   [done = std::move(done)](const absl::Status& status, std::string_view bytes) {
                     if (!status.ok()) return done(status);
                     Response response;
                     response.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
                     done(std::move(response));
                   });
}

}  // namespace quorum::sim
