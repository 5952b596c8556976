#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "common/env/env.h"
#include "common/env/node.h"
#include "grader/explore/replica.h"
#include "grader/sim/rng.h"

namespace quorum::explore {

/// The `Env` of explored worlds: one boot of one node. A synced write is durable at once. After a
/// crash inside a handler it is dead, and what the handler still does has no effect.
class Process final : public Env {
 public:
  Process(Replica& replica, std::uint64_t stream);

  // Env.
  Time Now() const override { return Time(Duration(replica_.clock_)); }
  std::uint64_t Random() override { return random_.Next(); }
  Storage& storage() override { return storage_; }
  void Log(std::string_view line) override {
    if (!dead_) replica_.Note({.kind = Effect::Kind::kSaid, .said = std::string(line)});
  }

  bool dead() const { return dead_; }
  void Die() { dead_ = true; }
  void Own(std::unique_ptr<Node> node) { node_ = std::move(node); }
  /// Null when the method is not served.
  RawHandler* FindHandler(std::uint16_t method) {
    return method < handlers_.size() && handlers_[method] ? &handlers_[method] : nullptr;
  }

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

  std::uint64_t StartTimer(Duration delay, absl::AnyInvocable<void()> fire) override;
  void CancelTimer(std::uint64_t id) override;
  void CallRaw(NodeId peer, const MethodName& method, std::string_view request, Duration timeout,
               RawCallback done) override;
  void ServeRaw(const MethodName& method, RawHandler handler) override;
  void Reply(std::uint64_t id, const absl::Status& status, std::string_view response) override;
  std::string_view CallerOf(std::uint64_t id) const override;
  Time DeadlineOf(std::uint64_t id) const override;
  std::uint16_t NumberOf(const MethodName& method);

  Replica& replica_;
  sim::Rng random_;
  DiskStorage storage_;
  bool dead_ = false;
  mutable std::string caller_;  // what CallerOf has returned
  std::vector<std::pair<const char*, std::uint16_t>> method_numbers_;
  std::vector<RawHandler> handlers_;
  std::unique_ptr<Node> node_;  // last: destroyed first
};

}  // namespace quorum::explore
