#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "common/env/env.h"
#include "common/env/node.h"
#include "grader/sim/rng.h"
#include "grader/sim/slab.h"

namespace quorum::sim {

class World;
struct Machine;

/// The simulated `Env`: one boot of one node. It lives from boot to crash, and after a crash inside
/// a handler it lives on, dead, until that handler has returned: the handler runs against it
/// without effect.
class Process final : public Env {
 public:
  Process(World& world, Machine& machine, std::uint64_t boot);
  ~Process() override;

  // Env.
  Time Now() const override;
  std::uint64_t Random() override { return random_.Next(); }
  Storage& storage() override { return storage_; }
  void Log(std::string_view line) override;

  /// Runs the node's constructor; false when it failed.
  void Construct(std::unique_ptr<Node> node) { node_ = std::move(node); }

  bool dead() const { return dead_; }
  void Die() { dead_ = true; }
  std::uint64_t boot() const { return boot_; }
  /// The number of the last synced write: what leaves the node now has to wait for it.
  std::uint64_t last_synced_write() const { return last_synced_write_; }

  /// The handler of a method; null when it is not served.
  RawHandler* FindHandler(std::uint16_t method);

  /// A message or an operation's end that waits until write `after` is durable.
  struct Held {
    std::uint64_t after;
    std::uint64_t message;  ///< ticket of a message; `Slab::kNone` for an operation's end
    std::uint64_t op;
  };
  std::deque<Held> held;

 private:
  class DiskStorage final : public Storage {
   public:
    explicit DiskStorage(Process& process) : process_(process) {}
    std::optional<std::string> Get(std::string_view key) const override;
    void Scan(std::string_view prefix,
              absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override;
    absl::Status Write(const WriteBatch& batch, WriteOptions options) override;

   private:
    Process& process_;
  };

  // Env's narrow boundary.
  std::uint64_t StartTimer(Duration delay, absl::AnyInvocable<void()> fire) override;
  void CancelTimer(std::uint64_t id) override;
  void CallRaw(NodeId peer, const MethodName& method, std::string_view request, Duration timeout,
               RawCallback done) override;
  void ServeRaw(const MethodName& method, RawHandler handler) override;
  void Reply(std::uint64_t id, const absl::Status& status, std::string_view response) override;
  std::string_view CallerOf(std::uint64_t id) const override;
  Time DeadlineOf(std::uint64_t id) const override;

  /// Called before each send and write; false when the process is dead, or dies just here.
  bool MayTakeEffect();
  std::uint16_t NumberOf(const MethodName& method);
  void SendOrHold(std::uint64_t message);

  friend class World;

  World& world_;
  Machine& machine_;
  std::uint64_t boot_;
  Rng random_;
  DiskStorage storage_;
  bool dead_ = false;
  std::uint64_t last_synced_write_ = 0;
  std::vector<std::pair<const char*, std::uint16_t>> method_numbers_;
  std::vector<RawHandler> handlers_;  // by method number
  std::unique_ptr<Node> node_;        // last: destroyed first
};

}  // namespace quorum::sim
