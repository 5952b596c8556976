#pragma once

// What the tests of the real Env share: hosts over a network within the process, a client's view of
// a call, a store whose disk the test holds in its hand.

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/env/check.h"
#include "common/env/real/node_host.h"
#include "common/rpc/memory_transport.h"
#include "common/storage/memory_store.h"

namespace quorum::testing {

/// So long that only a bug makes a test wait for it.
inline constexpr std::chrono::seconds kPatience{60};

/// A store whose flushes wait until the test lets them go, or fail as it says.
class GatedStore : public MemoryStore {
 public:
  absl::Status Append(const WriteBatch& batch) override {
    {
      std::lock_guard lock(mutex_);
      if (!append_error_.ok()) return append_error_;
    }
    return MemoryStore::Append(batch);
  }

  absl::Status Flush() override {
    std::unique_lock lock(mutex_);
    ++begun_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_ || allowed_ > 0; });
    if (!open_) --allowed_;
    return flush_error_;
  }

  void AllowOneFlush() {
    Change([this] { ++allowed_; });
  }
  void OpenGate() {
    Change([this] { open_ = true; });
  }
  void FailFlushes(absl::Status status) {
    Change([this, &status] { flush_error_ = status; });
  }
  void FailAppends(absl::Status status) {
    Change([this, &status] { append_error_ = status; });
  }
  int flushes_begun() {
    std::lock_guard lock(mutex_);
    return begun_;
  }
  /// Waits until `count` flushes have begun in all.
  void AwaitFlushes(int count) {
    std::unique_lock lock(mutex_);
    const bool reached =
        changed_.wait_for(lock, kPatience, [this, count] { return begun_ >= count; });
    Check(reached, "A flush that a test waits for begins.");
  }

 private:
  void Change(absl::AnyInvocable<void()> change) {
    std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int allowed_ = 0;
  int begun_ = 0;
  absl::Status flush_error_;
  absl::Status append_error_;
};

/// A node of `network` with `store`, made by `make`, already started.
inline std::unique_ptr<NodeHost> StartHost(MemoryNetwork& network, NodeId self,
                                           NodeHost::MakeNode make,
                                           std::unique_ptr<DurableStore> store = nullptr,
                                           NodeHost::DiskFailed disk_failed = nullptr) {
  if (store == nullptr) store = std::make_unique<MemoryStore>();
  auto host = std::make_unique<NodeHost>(
      std::move(store), network.Join(self), [](std::string_view) {}, std::move(disk_failed));
  const absl::Status started = host->Start(std::move(make));
  Check(started.ok(), "A node on a network within the process can start.");
  return host;
}

/// A node that does nothing of its own: tests make calls through its Env.
class Client {
 public:
  Client(MemoryNetwork& network, NodeId self)
      : host_(StartHost(network, self, [](Env&) { return std::make_unique<Node>(); })) {}

  /// Begins a call whose outcome the future will hold.
  template <class Request, class Response>
  std::future<absl::StatusOr<Response>> Begin(NodeId peer, const Method<Request, Response>& method,
                                              const Request& request,
                                              Duration timeout = kPatience) {
    std::promise<absl::StatusOr<Response>> outcome;
    auto future = outcome.get_future();
    host_->RunAndWait([&](Env& env, Node&) {
      env.Call(peer, method, request, timeout,
               [outcome = std::move(outcome)](absl::StatusOr<Response> response) mutable {
                 if (response.ok()) return outcome.set_value(std::move(response));
                 // A copy that shares nothing: ThreadSanitizer does not see how the library counts
                 // references.
                 const absl::Status& error = response.status();
                 outcome.set_value(absl::Status(error.code(), error.message()));
               });
    });
    return future;
  }

  template <class Request, class Response>
  absl::StatusOr<Response> Call(NodeId peer, const Method<Request, Response>& method,
                                const Request& request, Duration timeout = kPatience) {
    return Begin(peer, method, request, timeout).get();
  }

  NodeHost& host() { return *host_; }

 private:
  std::unique_ptr<NodeHost> host_;
};

}  // namespace quorum::testing
