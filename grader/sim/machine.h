#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/env/module.h"
#include "grader/sim/clock.h"
#include "grader/sim/disk.h"
#include "grader/sim/process.h"
#include "grader/sim/slab.h"

namespace quorum::sim {

/// A request that a node has received and not yet answered.
struct Inbound {
  NodeId from = 0;  ///< 0: a client's operation of the scenario
  std::uint64_t call = 0;
  std::uint64_t message = 0;  ///< the id that the request travelled under
  SimTime deadline = 0;
  std::uint16_t method = 0;
  std::string caller = {};
};

/// A call that a node waits for.
struct PendingCall {
  NodeId peer = 0;
  std::uint16_t method = 0;
  std::uint64_t message = 0;  ///< the id that its request travels under
  absl::AnyInvocable<void(const absl::Status&, std::string_view)> done;
};

/// A timer that a node has set.
struct PendingTimer {
  Time due;  ///< by the node's clock
  absl::AnyInvocable<void()> fire;
};

/// One machine of the simulated room: what stays when the process on it dies.
struct Machine {
  NodeId id = 0;
  std::string name;  ///< as its peers' `Responder::caller` has it
  NodeFactory factory = nullptr;
  NodeConfig config;
  Clock clock;
  Disk disk;
  Rng disk_random{0};
  std::uint64_t boots = 0;
  std::uint64_t last_handler = 0;  ///< the number, over the whole world, of its latest handler
  bool paused = false;
  bool power_lost = false;         ///< it died so that its peers cannot tell it from a cut link
  std::uint32_t crash_before = 0;  ///< dies before its k-th send or write from now on; 0: does not
  bool fsync_running = false;
  std::uint64_t fsync_covers = 0;    ///< the last write that the running fsync makes durable
  std::vector<Event> backlog;        ///< what has happened to it while it was paused
  std::unique_ptr<Process> process;  ///< null while it is down
  std::size_t heap_at_end = 0;       ///< bytes of heap that its last process had when it ended
  Slab<PendingTimer> timers;
  Slab<PendingCall> calls;
  Slab<Inbound> inbound;

  bool up() const { return process != nullptr && !process->dead(); }
};

}  // namespace quorum::sim
