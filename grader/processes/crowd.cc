#include "grader/processes/crowd.h"

#include <algorithm>

#include "common/env/real/clock.h"

namespace quorum::grader {
namespace {

using namespace std::chrono_literals;

/// Only what never comes takes so long.
constexpr Duration kPatience = 120s;

}  // namespace

Crowd::Crowd(const std::map<NodeId, std::string>& addresses, int clients)
    : addresses_(addresses), transport_(MakeGrpcTransport({.listen = "", .peers = addresses})) {
  for (int number = 1; number <= clients; ++number) {
    clients_.push_back(std::make_unique<RegisterClient>(addresses, number));
  }
  for (const auto& client : clients_) {
    threads_.emplace_back([this, &client = *client] { client.Run(stop_); });
  }
}

bool Crowd::Await(const std::function<bool()>& reached) const {
  const Time give_up = MonotonicNow() + kPatience;
  while (!reached()) {
    if (MonotonicNow() > give_up) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

int Crowd::executed() const {
  int sum = 0;
  for (const auto& client : clients_) sum += client->acknowledged();
  return sum;
}

bool Crowd::AwaitExecuted(int operations) {
  return Await([this, target = executed() + operations] { return executed() >= target; });
}

bool Crowd::AwaitAttempts(std::size_t client, int requests) {
  const int target = clients_[client]->attempts() + requests;
  return Await([this, client, target] { return clients_[client]->attempts() >= target; });
}

bool Crowd::AwaitAttemptsOfEach(int requests) {
  for (std::size_t client = 0; client < clients_.size(); ++client) {
    if (!AwaitAttempts(client, requests)) return false;
  }
  return true;
}

NodeId Crowd::AwaitLeader() {
  NodeId found = 0;
  Await([this, &found] {
    std::map<NodeId, std::size_t> followers;
    for (const auto& [node, address] : addresses_) {
      const auto known = InspectRegister(*transport_, node);
      if (known.ok()) ++followers[known->leader()];
    }
    for (const auto& [node, count] : followers) {
      if (node != 0 && count > addresses_.size() / 2) found = node;
    }
    return found != 0;
  });
  return found;
}

bool Crowd::AwaitAgreement() {
  return Await([this] {
    std::vector<std::uint64_t> applied;
    for (const auto& [node, address] : addresses_) {
      const auto known = InspectRegister(*transport_, node);
      if (!known.ok()) return false;
      applied.push_back(known->applied());
    }
    return std::ranges::count(applied, applied.front()) == std::ssize(applied);
  });
}

void Crowd::Stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

bool Crowd::Finish() {
  Stop();
  for (const auto& client : clients_) client->StayAt(0);
  return std::ranges::all_of(clients_, [](const auto& client) { return client->ReadAtLast(); });
}

check::History Crowd::History() const {
  check::History history;
  for (const auto& client : clients_) {
    history.insert(history.end(), client->history().begin(), client->history().end());
  }
  std::ranges::stable_sort(history, {}, &check::Operation::call);
  return history;
}

}  // namespace quorum::grader
