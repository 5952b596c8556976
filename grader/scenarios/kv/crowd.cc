#include "grader/scenarios/kv/crowd.h"

#include <fmt/format.h>

#include <algorithm>

namespace quorum::grader::kv {

Crowd::Crowd(KvRoom& room, const CrowdOptions& options)
    : room_(room),
      options_(options),
      users_(static_cast<std::size_t>(room.options().clients * options.users)) {}

void Crowd::Begin() {
  const auto& ops =
      room_.stage().Ops([this](sim::Rng& random, auto* drawn) { Draw(random, drawn); });
  for (const faults::ClientOp& op : ops) users_[op.client()].queue.push_back(&op);
  for (std::size_t user = 0; user < users_.size(); ++user) {
    BeginNext(users_[user], room_.client(static_cast<int>(user) % room_.options().clients));
  }
  room_.stage().Step(fmt::format("{} users begin to write and read {} keys, {} operations in all.",
                                 users_.size(), options_.keys + 1, ops.size()));
}

void Crowd::Draw(sim::Rng& random,
                 google::protobuf::RepeatedPtrField<faults::ClientOp>* ops) const {
  const auto users = static_cast<std::uint32_t>(users_.size());
  for (std::uint32_t i = 0; i < users * static_cast<std::uint32_t>(options_.operations); ++i) {
    faults::ClientOp& op = *ops->Add();
    op.set_client(i % users);
    op.set_think_ns(random.Between(0, options_.longest_pause));
    op.set_value(fmt::format("{}.{};", i % users, i / users));
    const std::uint64_t kind = random.Below(100);
    if (kind < 25) {
      op.set_key(kLogKey);
      op.set_op(kind < 20 ? "append" : "get");
      continue;
    }
    op.set_key(fmt::format("key{}", random.Below(static_cast<std::uint64_t>(options_.keys))));
    op.set_op(kind < 50   ? "append"
              : kind < 70 ? "get"
              : kind < 80 ? "put"
              : kind < 95 ? "cas"
                          : "delete");
  }
}

void Crowd::BeginNext(User& user, NodeId at) {
  if (user.queue.empty()) return;
  const faults::ClientOp& op = *user.queue.front();
  sim::World& world = room_.world();
  world.At(world.now() + op.think_ns(), [this, &user, at, &op] { Do(user, at, op); });
}

WriteRequest Crowd::RequestOf(const User& user, const faults::ClientOp& op) const {
  if (op.op() == "append") return Append(op.key(), op.value());
  if (op.op() == "put") return Put(op.key(), op.value());
  if (op.op() == "delete") return DeleteKey(op.key());
  const auto seen = user.seen.find(op.key());
  return Swap(op.key(),
              seen == user.seen.end() ? std::nullopt : std::optional<std::string>(seen->second),
              op.value());
}

void Crowd::Do(User& user, NodeId at, const faults::ClientOp& op) {
  const auto next = [this, &user, at] {
    user.queue.pop_front();
    BeginNext(user, at);
  };
  if (op.op() == "get") {
    room_.Get(at, op.key(), [&user, &op, next](const Told& told) {
      if (told.status.ok() && told.got.found()) user.seen[op.key()] = told.got.value();
      next();
    });
  } else {
    room_.Write(at, RequestOf(user, op), [next](const Told&) { next(); });
  }
}

bool Crowd::done() const {
  return std::ranges::all_of(users_, [](const User& user) { return user.queue.empty(); });
}

}  // namespace quorum::grader::kv
