#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "common/env/module.h"
#include "grader/explore/message_table.h"
#include "grader/sim/disk.h"
#include "grader/sim/failure.h"
#include "grader/sim/handler_name.h"

namespace quorum::explore {

class Process;

/// Something that happens to one node.
struct Event {
  enum class Kind : std::uint8_t {
    kDeliver,  ///< `message` arrives
    /// Time goes on until a timer has fired that made the node send or write something, or many
    /// that did not; calls that are due before fail on the way.
    kAdvance,
    kTimeout,  ///< time goes on until the next call that is due has failed
    kCrash,    ///< the process dies, and boots again on what its disk has kept
  };
  static constexpr std::uint16_t kWhole = 0xffff;

  Kind kind = Kind::kDeliver;
  std::uint32_t message = 0;
  /// The process dies inside, after that many sends and writes, and boots again; kWhole: it lives.
  std::uint16_t cut = kWhole;
  std::uint8_t kept = 0;  ///< how many writes that were not synced survive, when it dies

  bool crashes() const { return kind == Kind::kCrash || cut != kWhole; }
  friend bool operator==(const Event&, const Event&) = default;
};

/// Something that one event made visible, in order.
struct Effect {
  enum class Kind : std::uint8_t { kSent, kDurable, kCrashed, kSaid };
  Kind kind;
  std::uint32_t message = 0;  ///< of kSent
  WriteBatch batch = {};      ///< of kDurable
  std::string said = {};      ///< of kSaid
  std::int64_t at = 0;        ///< by the node's clock
  std::int64_t arrived = 0;   ///< of a response: when its request came
};

/// What one event made of a node.
struct StepResult {
  std::vector<Effect> effects;
  /// [k]: how many writes a crash could lose after k sends and writes of this event, from none of
  /// them to all. What the boot after a crash does is not counted.
  std::vector<std::uint8_t> unsynced;
  std::uint8_t unsynced_left = 0;         ///< how many a crash could lose now
  std::vector<std::uint32_t> open_calls;  ///< numbers, ascending
  bool has_timer = false;
  bool call_is_next = false;  ///< a call is due before every timer
  std::optional<sim::Failure> failure;
};

/// One node that lives through a history of events. `Now` and `Random` follow from the history:
/// each event takes a microsecond, and each boot draws from a stream of its own.
class Replica {
 public:
  Replica(NodeFactory factory, const NodeConfig& config, MessageTable& messages);
  ~Replica();
  Replica(const Replica&) = delete;
  Replica& operator=(const Replica&) = delete;

  /// The first boot; called once, before anything else.
  StepResult Boot();
  StepResult Run(const Event& event);

 private:
  friend class Process;

  struct OpenCall {
    NodeId peer;
    std::uint16_t method;
    std::uint32_t request;
    std::int64_t due;
    absl::AnyInvocable<void(const absl::Status&, std::string_view)> done;
  };
  struct PendingTimer {
    std::int64_t due;
    bool at_once;  ///< it was set for no later than now
    absl::AnyInvocable<void()> fire;
  };
  struct Inbound {
    std::uint32_t request;
    std::int64_t deadline;
    std::int64_t arrived;
  };

  void Deliver(std::uint32_t number);
  void DeliverResponse(const Message& message);
  void Advance();
  void FireAtOnce();
  void FireTimer(std::uint64_t id);
  void FailCall(std::uint32_t call);
  std::uint64_t NextTimer() const;
  std::uint32_t NextCall() const;
  void CrashAndBoot(std::uint8_t kept);
  void StartProcess();
  void Bury();
  void Respond(const Inbound& inbound, const absl::Status& status, std::string_view payload);
  /// Runs student code, and notes how it ends.
  void Guard(sim::HandlerKind kind, std::uint16_t method, absl::FunctionRef<void()> body);

  StepResult Finish();

  // What the process does through its Env.
  bool MayTakeEffect();
  std::uint8_t Unsynced() const {
    return static_cast<std::uint8_t>(disk_.last_write() - disk_.durable_write());
  }
  void Note(Effect effect) {
    effect.at = clock_;
    result_.effects.push_back(std::move(effect));
  }

  NodeFactory factory_;
  NodeConfig config_;
  MessageTable& messages_;

  // What outlives a process.
  sim::Disk disk_;
  bool synced_before_ = false;
  std::int64_t clock_;
  std::uint64_t boots_ = 0;
  std::uint32_t calls_made_ = 0;

  // What does not.
  std::map<std::uint32_t, OpenCall> calls_;
  std::map<std::uint64_t, PendingTimer> timers_;
  std::map<std::uint64_t, Inbound> inbound_;
  std::uint64_t tickets_ = 0;
  std::unique_ptr<Process> process_;

  // What belongs to the event that is running.
  StepResult result_;
  std::uint16_t cut_ = Event::kWhole;
  std::uint32_t made_ = 0;  // sends and writes so far
};

}  // namespace quorum::explore
