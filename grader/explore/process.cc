#include "grader/explore/process.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace quorum::explore {

Process::Process(Replica& replica, std::uint64_t stream)
    : replica_(replica), random_(replica.config_.self(), stream), storage_(*this) {}

std::uint64_t Process::StartTimer(Duration delay, absl::AnyInvocable<void()> fire) {
  const std::uint64_t id = ++replica_.tickets_;
  if (dead_) return id;
  const std::int64_t due = replica_.clock_ + std::max(delay, Duration::zero()).count();
  replica_.timers_.emplace(id,
                           Replica::PendingTimer{due, delay <= Duration::zero(), std::move(fire)});
  return id;
}

void Process::CancelTimer(std::uint64_t id) {
  const auto found = replica_.timers_.find(id);
  if (dead_ || found == replica_.timers_.end()) return;
  // The closure may own the very thing that is being cancelled: let it die after the place is free.
  const auto dying = std::move(found->second.fire);
  replica_.timers_.erase(found);
}

std::uint16_t Process::NumberOf(const MethodName& method) {
  for (const auto& [path, number] : method_numbers_) {
    if (path == method.path) return number;
  }
  const std::uint16_t number = replica_.messages_.MethodNumber(method);
  method_numbers_.emplace_back(method.path, number);
  return number;
}

void Process::ServeRaw(const MethodName& method, RawHandler handler) {
  const std::uint16_t number = NumberOf(method);
  if (handlers_.size() <= number) handlers_.resize(number + 1);
  handlers_[number] = std::move(handler);
}

void Process::CallRaw(NodeId peer, const MethodName& method, std::string_view request,
                      Duration timeout, RawCallback done) {
  if (dead_ || !replica_.MayTakeEffect()) return;
  const std::uint16_t number = NumberOf(method);
  const std::uint32_t call = ++replica_.calls_made_;
  const std::uint32_t message = replica_.messages_.Number({.from = replica_.config_.self(),
                                                           .to = peer,
                                                           .method = number,
                                                           .call = call,
                                                           .timeout = timeout,
                                                           .payload = std::string(request)});
  const std::int64_t due = replica_.clock_ + std::max(timeout, Duration::zero()).count();
  replica_.calls_.emplace(call, Replica::OpenCall{peer, number, message, due, std::move(done)});
  replica_.Note({.kind = Effect::Kind::kSent, .message = message});
}

void Process::Reply(std::uint64_t id, const absl::Status& status, std::string_view response) {
  if (dead_ || !replica_.MayTakeEffect()) return;
  const auto found = replica_.inbound_.find(id);
  if (found == replica_.inbound_.end()) return;
  replica_.Respond(found->second, status, response);
  replica_.inbound_.erase(found);
}

std::string_view Process::CallerOf(std::uint64_t id) const {
  const auto found = replica_.inbound_.find(id);
  if (dead_ || found == replica_.inbound_.end()) return {};
  const NodeId from = replica_.messages_[found->second.request].from;
  caller_ = from == 0 ? "client" : absl::StrCat("node-", from);
  return caller_;
}

Time Process::DeadlineOf(std::uint64_t id) const {
  const auto found = replica_.inbound_.find(id);
  if (dead_ || found == replica_.inbound_.end()) return Time::max();
  return Time(Duration(found->second.deadline));
}

std::optional<std::string> Process::DiskStorage::Get(std::string_view key) const {
  const sim::KeyValues& data = process_.replica_.disk_.current();
  const auto found = data.find(key);
  if (found == data.end()) return std::nullopt;
  return found->second;
}

void Process::DiskStorage::Scan(
    std::string_view prefix,
    absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const {
  const sim::KeyValues& data = process_.replica_.disk_.current();
  for (auto at = data.lower_bound(prefix); at != data.end(); ++at) {
    if (!std::string_view(at->first).starts_with(prefix) || !visit(at->first, at->second)) return;
  }
}

absl::Status Process::DiskStorage::Write(const WriteBatch& batch, WriteOptions options) {
  Replica& replica = process_.replica_;
  if (process_.dead_ || !replica.MayTakeEffect()) return absl::OkStatus();
  const std::uint64_t write = replica.disk_.Append(batch);
  if (options.sync) {
    replica.synced_before_ = true;
    replica.disk_.MakeDurable(write, [&](const WriteBatch& durable) {
      replica.Note({.kind = Effect::Kind::kDurable, .batch = durable});
    });
  }
  return absl::OkStatus();
}

}  // namespace quorum::explore
