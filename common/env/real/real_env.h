#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "common/env/env.h"
#include "common/env/real/event_loop.h"
#include "common/env/real/outbox.h"
#include "common/rpc/transport.h"
#include "common/storage/durable_store.h"

namespace quorum {

/// The `Env` of a node that runs for real. Everything here happens on `loop`, the node's. Writes
/// reach the store at once; what the node sends after a synced one waits in an outbox until
/// `SetDurable` says that it is durable.
class RealEnv final : public Env, private Storage {
 public:
  /// Takes each line that the node logs.
  using LogSink = absl::AnyInvocable<void(std::string_view line)>;
  /// Asks for synced write `number`, and all before it, to be made durable, and then `SetDurable`.
  using FlushRequest = absl::AnyInvocable<void(std::uint64_t number)>;

  /// All references outlive this object.
  RealEnv(EventLoop& loop, DurableStore& store, Transport& transport, FlushRequest flush,
          LogSink log);

  Time Now() const override;
  std::uint64_t Random() override { return random_(); }
  Storage& storage() override { return *this; }
  void Log(std::string_view line) override { log_(line); }

  /// Hands a request to the node, unless it is for nodes only and somebody else's.
  void Receive(Transport::Request request);

  /// Synced write `number`, and all before it, are durable.
  void SetDurable(std::uint64_t number);

  /// The node is about to be destroyed: from now on this object calls nothing of it and sends
  /// nothing. Requests that it has not answered are answered UNAVAILABLE by the transport.
  void Retire();

 private:
  struct PendingCall {
    RawCallback done;
    std::uint64_t timer;
  };
  struct Served {
    std::shared_ptr<RawHandler> handler;
    bool between_nodes;
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

  // Storage.
  std::optional<std::string> Get(std::string_view key) const override { return store_.Get(key); }
  void Scan(std::string_view prefix,
            absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override {
    store_.Scan(prefix, visit);
  }
  absl::Status Write(const WriteBatch& batch, WriteOptions options) override;

  void Transmit(std::uint64_t call, NodeId peer, const char* path, std::string request,
                Time deadline);
  void FinishCall(std::uint64_t call, const absl::Status& status, std::string_view response);
  void CheckOnce(const MethodName& method);

  EventLoop& loop_;
  DurableStore& store_;
  Transport& transport_;
  FlushRequest flush_;
  LogSink log_;
  std::mt19937_64 random_;

  bool retired_ = false;
  Outbox outbox_;
  std::uint64_t synced_writes_ = 0;
  bool flush_posted_ = false;

  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, PendingCall> calls_;
  std::unordered_map<std::uint64_t, Transport::Request> requests_;
  std::unordered_map<std::string, Served> handlers_;
  std::unordered_set<const char*> checked_;  ///< methods found in their .proto, by address
};

}  // namespace quorum
