#include "common/rpc/memory_transport.h"

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/env/real/event_loop.h"

namespace quorum {
namespace {

absl::Status NobodyListens(NodeId peer) {
  return absl::UnavailableError(absl::StrCat("Nothing listens at node ", peer, "."));
}

/// A copy that shares nothing with `status`: ThreadSanitizer does not see how the library counts
/// references.
absl::Status Detached(const absl::Status& status) { return {status.code(), status.message()}; }

/// Answers a request once; when dropped without an answer, as a process that dies.
class ReplyOnce {
 public:
  explicit ReplyOnce(Transport::Done send) : send_(std::move(send)) {}
  ReplyOnce(ReplyOnce&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  ReplyOnce& operator=(ReplyOnce&&) = delete;
  ~ReplyOnce() {
    if (send_) send_(absl::UnavailableError("The node stopped before it answered."), {});
  }
  void operator()(absl::Status status, std::string response) {
    if (send_) std::exchange(send_, nullptr)(std::move(status), std::move(response));
  }

 private:
  Transport::Done send_;
};

}  // namespace

/// What others may still point to after its transport is gone.
class MemoryNetwork::End : public std::enable_shared_from_this<End> {
 public:
  explicit End(NodeId self) : self_(self) { courier_.Start(); }

  NodeId self() const { return self_; }
  void Stop() { courier_.Stop(); }
  void SetHandler(Transport::Handler handler) {
    courier_.RunAndWait([&] { handler_ = std::move(handler); });
  }

  void Call(std::shared_ptr<End> peer, NodeId peer_id, const std::string& path, std::string bytes,
            Time deadline, Transport::Done done) {
    courier_.Post([this, peer = std::move(peer), peer_id, path, bytes = std::move(bytes), deadline,
                   done = std::move(done)]() mutable {
      const std::uint64_t call = next_call_++;
      calls_.emplace(call, std::move(done));
      if (peer == nullptr) return Finish(call, NobodyListens(peer_id), {});
      timers_[call] = courier_.AddTimer(deadline, [this, call] {
        Finish(call, absl::DeadlineExceededError("No answer came in time."), {});
      });
      peer->Deliver({path, std::move(bytes), absl::StrCat("node-", self_), deadline,
                     ReplyOnce(Answerer(call))});
    });
  }

 private:
  Transport::Done Answerer(std::uint64_t call) {
    return [end = weak_from_this(), call](const absl::Status& status, std::string response) {
      const std::shared_ptr<End> caller = end.lock();
      if (caller == nullptr) return;
      caller->courier_.Post([self = caller.get(), call, status = Detached(status),
                             response = std::move(response)]() mutable {
        self->Finish(call, std::move(status), std::move(response));
      });
    };
  }

  void Deliver(Transport::Request request) {
    courier_.Post([this, request = std::move(request)]() mutable { handler_(std::move(request)); });
  }

  void Finish(std::uint64_t call, absl::Status status, std::string response) {
    auto finished = calls_.extract(call);
    if (finished.empty()) return;
    if (const auto timer = timers_.extract(call)) courier_.CancelTimer(timer.mapped());
    finished.mapped()(std::move(status), std::move(response));
  }

  const NodeId self_;
  Transport::Handler handler_;
  std::uint64_t next_call_ = 1;
  std::unordered_map<std::uint64_t, Transport::Done> calls_;
  std::unordered_map<std::uint64_t, std::uint64_t> timers_;
  EventLoop courier_;  // last: its thread uses the fields above
};

class MemoryNetwork::EndTransport : public Transport {
 public:
  EndTransport(std::shared_ptr<Directory> directory, NodeId self)
      : directory_(std::move(directory)), end_(std::make_shared<End>(self)) {}
  ~EndTransport() override { EndTransport::Stop(); }

  absl::Status Start(Handler handler) override {
    end_->SetHandler(std::move(handler));
    std::lock_guard lock(directory_->mutex);
    if (!directory_->listening.emplace(end_->self(), end_).second) {
      return absl::FailedPreconditionError(
          absl::StrCat("Node ", end_->self(), " runs already; stop it first."));
    }
    return absl::OkStatus();
  }

  void Call(NodeId peer, const std::string& path, std::string bytes, Time deadline,
            Done done) override {
    std::shared_ptr<End> target;
    {
      std::lock_guard lock(directory_->mutex);
      if (const auto found = directory_->listening.find(peer);
          found != directory_->listening.end()) {
        target = found->second;
      }
    }
    end_->Call(std::move(target), peer, path, std::move(bytes), deadline, std::move(done));
  }

  void Stop() override {
    {
      std::lock_guard lock(directory_->mutex);
      const auto found = directory_->listening.find(end_->self());
      if (found != directory_->listening.end() && found->second == end_) {
        directory_->listening.erase(found);
      }
    }
    end_->Stop();
  }

 private:
  const std::shared_ptr<Directory> directory_;
  const std::shared_ptr<End> end_;
};

std::unique_ptr<Transport> MemoryNetwork::Join(NodeId self) {
  return std::make_unique<EndTransport>(directory_, self);
}

}  // namespace quorum
