#include "grader/bench/locks/contestant.h"

#include <algorithm>
#include <thread>

#include "common/env/real/clock.h"

namespace quorum::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kRest = 20ms;

}  // namespace

Contestant::Contestant(std::string name, std::unique_ptr<LockStore> store, int clients,
                       Duration patience)
    : name_(std::move(name)), store_(std::move(store)) {
  store_->AwaitLeader();
  for (int i = 0; i < clients; ++i) clients_.push_back(store_->Connect(i, patience));
}

Seconds Contestant::Run(int clients, int times, const Act& act,
                        const std::function<void()>& meanwhile) {
  // Whoever had no part in the runs before may not have been heard of for long.
  for (const auto& client : clients_) client->Rest();
  std::atomic<int> begun = 0;
  std::atomic<int> at_work = clients;
  done_.clear();
  const Time begin = MonotonicNow();
  std::vector<std::thread> threads;
  for (int number = 0; number < clients; ++number) {
    threads.emplace_back([&, number] {
      LockBencher& client = *clients_[static_cast<std::size_t>(number)];
      for (int turn = begun++; turn < times; turn = begun++) {
        if (turn == times / 2 && meanwhile) meanwhile();
        act(client, number);
        std::lock_guard lock(mutex_);
        done_.push_back(MonotonicNow());
      }
      for (--at_work; at_work > 0; std::this_thread::sleep_for(kRest)) client.Rest();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return done_.back() - begin;
}

Seconds Contestant::LongestPause() const {
  Seconds longest{};
  for (std::size_t i = 1; i < done_.size(); ++i) {
    longest = std::max<Seconds>(longest, done_[i] - done_[i - 1]);
  }
  return longest;
}

}  // namespace quorum::bench
