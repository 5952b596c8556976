#include "common/env/real/real_env.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/env/real/clock.h"
#include "common/rpc/callers.h"

namespace quorum {
namespace {

std::mt19937_64 SeededByTheSystem() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(),
                     device(), device(), device(), device()};
  return std::mt19937_64(seed);
}

absl::Status NotServed(const std::string& path) {
  return absl::UnimplementedError(absl::StrCat("This node does not serve ", path, "."));
}

}  // namespace

RealEnv::RealEnv(EventLoop& loop, DurableStore& store, Transport& transport, FlushRequest flush,
                 LogSink log)
    : loop_(loop),
      store_(store),
      transport_(transport),
      flush_(std::move(flush)),
      log_(std::move(log)),
      random_(SeededByTheSystem()) {}

Time RealEnv::Now() const { return MonotonicNow(); }

std::uint64_t RealEnv::StartTimer(Duration delay, absl::AnyInvocable<void()> fire) {
  return loop_.AddTimer(AddSaturating(Now(), delay), [this, fire = std::move(fire)]() mutable {
    if (!retired_) fire();
  });
}

void RealEnv::CancelTimer(std::uint64_t id) {
  if (!retired_) loop_.CancelTimer(id);
}

void RealEnv::CallRaw(NodeId peer, const MethodName& method, std::string_view request,
                      Duration timeout, RawCallback done) {
  if (retired_) return;
  CheckOnce(method);
  const std::uint64_t call = next_id_++;
  const Time deadline = AddSaturating(Now(), timeout);
  const std::uint64_t timer = loop_.AddTimer(deadline, [this, call] {
    FinishCall(call, absl::DeadlineExceededError("No answer came within the timeout."), {});
  });
  calls_.emplace(call, PendingCall{std::move(done), timer});
  if (outbox_.open()) return Transmit(call, peer, method.path, std::string(request), deadline);
  outbox_.Send(
      [this, call, peer, path = method.path, bytes = std::string(request), deadline]() mutable {
        if (calls_.contains(call)) Transmit(call, peer, path, std::move(bytes), deadline);
      });
}

void RealEnv::Transmit(std::uint64_t call, NodeId peer, const char* path, std::string request,
                       Time deadline) {
  auto done = [this, call](absl::Status status, std::string response) {
    loop_.Dispatch([this, call, status = std::move(status), response = std::move(response)] {
      FinishCall(call, status, response);
    });
  };
  loop_.Afterwards([&transport = transport_, peer, path, request = std::move(request), deadline,
                    done = std::move(done)]() mutable {
    transport.Call(peer, path, std::move(request), deadline, std::move(done));
  });
}

void RealEnv::FinishCall(std::uint64_t call, const absl::Status& status,
                         std::string_view response) {
  auto finished = calls_.extract(call);
  if (finished.empty()) return;  // its deadline has passed, or the node is gone
  loop_.CancelTimer(finished.mapped().timer);
  finished.mapped().done(status, response);
}

void RealEnv::ServeRaw(const MethodName& method, RawHandler handler) {
  if (retired_) return;
  CheckOnce(method);
  handlers_[method.path] = {std::make_shared<RawHandler>(std::move(handler)),
                            IsBetweenNodes(method.path)};
  transport_.Announce(method.path);
}

void RealEnv::Receive(Transport::Request request) {
  if (retired_) return;
  const std::uint64_t id = next_id_++;
  const auto found = handlers_.find(request.path);
  absl::Status admitted;
  if (found == handlers_.end()) {
    admitted = NotServed(request.path);
  } else if (found->second.between_nodes) {
    admitted = MustBeNode(request.caller, request.path);
  }
  const std::string bytes = std::move(request.bytes);
  requests_.emplace(id, std::move(request));
  if (!admitted.ok()) return Reply(id, admitted, {});
  // A copy of the pointer: the handler may replace itself while it runs.
  const std::shared_ptr<RawHandler> handler = found->second.handler;
  (*handler)(bytes, id);
}

void RealEnv::Reply(std::uint64_t id, const absl::Status& status, std::string_view response) {
  if (retired_) return;
  auto answered = requests_.extract(id);
  if (answered.empty()) return;
  auto send = [reply = std::move(answered.mapped().reply), held = absl::Status(status),
               bytes = std::string(response)]() mutable {
    reply(std::move(held), std::move(bytes));
  };
  if (outbox_.open()) return loop_.Afterwards(std::move(send));
  outbox_.Send([this, send = std::move(send)]() mutable { loop_.Afterwards(std::move(send)); });
}

std::string_view RealEnv::CallerOf(std::uint64_t id) const {
  const auto found = requests_.find(id);
  return found == requests_.end() ? std::string_view() : found->second.caller;
}

Time RealEnv::DeadlineOf(std::uint64_t id) const {
  const auto found = requests_.find(id);
  return found == requests_.end() ? Time::max() : found->second.deadline;
}

absl::Status RealEnv::Write(const WriteBatch& batch, WriteOptions options) {
  if (retired_) return absl::OkStatus();
  if (absl::Status status = store_.Append(batch); !status.ok()) return status;
  if (!options.sync) return absl::OkStatus();
  outbox_.WaitFor(++synced_writes_);
  if (std::exchange(flush_posted_, true)) return absl::OkStatus();
  // Asked for behind the handlers that wait already, so that one flush covers what they write too.
  loop_.Post([this] {
    flush_posted_ = false;
    if (!retired_) flush_(synced_writes_);
  });
  return absl::OkStatus();
}

void RealEnv::SetDurable(std::uint64_t number) {
  if (!retired_) outbox_.SetDurable(number);
}

void RealEnv::Retire() {
  retired_ = true;
  // What these hold may call back into this object, which does nothing any more.
  calls_.clear();
  handlers_.clear();
  requests_.clear();
  outbox_ = Outbox();
}

void RealEnv::CheckOnce(const MethodName& method) {
  if (checked_.insert(method.path).second) CheckMethodExists(method);
}

}  // namespace quorum
