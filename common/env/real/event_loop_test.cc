#include "common/env/real/event_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace quorum {
namespace {

using ::testing::ElementsAre;

TEST(EventLoopTest, WhatComesAfterwardsKeepsNobodyFromBeingTheLoop) {
  EventLoop loop;
  loop.Start();
  std::promise<void> sending, sent;
  std::thread sender([&] {
    loop.Dispatch([&] {
      loop.Afterwards([&] {
        sending.set_value();
        sent.get_future().wait();
      });
    });
  });
  sending.get_future().wait();
  bool ran = false;
  loop.RunAndWait([&ran] { ran = true; });
  EXPECT_TRUE(ran) << "while the first thread is still sending";
  sent.set_value();
  sender.join();
}

TEST(EventLoopTest, WhatComesAfterwardsComesInOrderAndBeforeTheThreadLeaves) {
  EventLoop loop;
  loop.Start();
  std::vector<int> order;
  loop.Dispatch([&] {
    loop.Afterwards([&] { order.push_back(2); });
    loop.Afterwards([&] { order.push_back(3); });
    order.push_back(1);
  });
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(EventLoopTest, StopWaitsForWhatComesAfterwards) {
  EventLoop loop;
  loop.Start();
  std::promise<void> sending, sent;
  std::atomic<bool> over = false;
  std::thread sender([&] {
    loop.Dispatch([&] {
      loop.Afterwards([&] {
        sending.set_value();
        sent.get_future().wait();
        over = true;
      });
    });
  });
  sending.get_future().wait();
  std::thread releaser([&] { sent.set_value(); });
  loop.Stop();
  EXPECT_TRUE(over);
  releaser.join();
  sender.join();
}

TEST(EventLoopTest, TasksOfManyThreadsRunOneAtATimeAndAllOfThem) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 2'000;
  EventLoop loop;
  loop.Start();
  int counted = 0;  // by tasks, without a lock
  std::atomic<int> sent = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int task = 0; task < kTasks; ++task) {
        loop.Dispatch([&] {
          ++counted;
          loop.Afterwards([&sent] { ++sent; });
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  loop.RunAndWait([&] { EXPECT_EQ(counted, kThreads * kTasks); });
  loop.Stop();
  EXPECT_EQ(sent, kThreads * kTasks);
}

}  // namespace
}  // namespace quorum
