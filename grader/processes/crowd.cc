#include "grader/processes/crowd.h"

#include <algorithm>
#include <set>

#include "common/env/real/clock.h"
#include "common/log/register.h"

namespace quorum::grader {
namespace {

using namespace std::chrono_literals;

/// Only what never comes takes so long.
constexpr Duration kPatienceInAll = 120s;
constexpr Duration kInspection = 1s;  ///< of one node

}  // namespace

Crowd::Crowd(Service service, const std::map<NodeId, std::string>& addresses, int clients)
    : service_(service), addresses_(addresses) {
  for (int number = 1; number <= clients; ++number) {
    clients_.push_back(MakeClient(service, addresses, number));
  }
  for (const auto& client : clients_) {
    threads_.emplace_back([this, &client = *client] { client.Run(stop_); });
  }
}

bool Crowd::Await(const std::function<bool()>& reached) const {
  const Time give_up = MonotonicNow() + kPatienceInAll;
  while (!reached()) {
    if (MonotonicNow() > give_up) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

int Crowd::executed() const {
  int sum = 0;
  for (const auto& client : clients_) sum += client->executed();
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
  std::vector<int> before;
  for (const auto& client : clients_) before.push_back(client->executed());
  NodeId found = 0;
  Await([&] {
    for (std::size_t i = 0; i < clients_.size() && found == 0; ++i) {
      if (clients_[i]->executed() > before[i]) found = clients_[i]->executed_by();
    }
    return found != 0;
  });
  return found;
}

bool Crowd::AwaitAgreement() {
  if (service_ != Service::kRegister) return true;
  const auto transport = MakeGrpcTransport({.listen = "", .peers = addresses_});
  return Await([this, &transport] {
    std::set<std::uint64_t> applied;
    for (const auto& [node, address] : addresses_) {
      const auto bytes = CallAndWait(*transport, node, log::kInspect.path, "", kInspection);
      log::InspectResponse known;
      if (!bytes.ok() || !known.ParseFromString(*bytes)) return false;
      applied.insert(known.applied());
    }
    return applied.size() == 1;
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

std::vector<Acquisition> Crowd::Acquisitions() const {
  std::vector<Acquisition> all;
  for (const auto& client : clients_) {
    const std::vector<Acquisition> its = client->acquisitions();
    all.insert(all.end(), its.begin(), its.end());
  }
  return all;
}

}  // namespace quorum::grader
