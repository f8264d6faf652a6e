#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "crossface/util/bounded_queue.h"
#include "crossface/util/thread_pool.h"

namespace crossface {
namespace {

TEST(ThreadPool, RunsTasksBesideEachOther) {
  ThreadPool pool(3);
  std::latch all_started(3);  // no task gets past this unless three run at once
  std::vector<std::future<int>> results;
  for (int i = 0; i < 3; ++i) {
    results.push_back(pool.Submit([&all_started, i] {
      all_started.arrive_and_wait();
      return i;
    }));
  }
  for (int i = 0; i < 3; ++i) EXPECT_EQ(results[i].get(), i);
  EXPECT_EQ(pool.size(), 3);
}

TEST(ThreadPool, OneThreadKeepsTheOrder) {
  std::vector<int> order;
  {
    ThreadPool pool(1);
    for (int i = 0; i < 100; ++i) pool.Submit([&order, i] { order.push_back(i); });
  }
  std::vector<int> expected(100);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

TEST(ThreadPool, HandsOnExceptionsAndGoesOn) {
  ThreadPool pool(1);
  auto failing = pool.Submit([]() -> int { throw std::runtime_error("bad frame"); });
  auto next = pool.Submit([] { return 7; });
  EXPECT_THROW(failing.get(), std::runtime_error);
  EXPECT_EQ(next.get(), 7);
}

TEST(ThreadPool, FinishesWhatWasSubmittedBeforeItGoes) {
  std::atomic<int> done = 0;
  {
    ThreadPool pool(2);
    for (int i = 0; i < 200; ++i) pool.Submit([&done] { ++done; });
  }
  EXPECT_EQ(done, 200);
  EXPECT_THROW(ThreadPool(0), std::logic_error);
}

TEST(BoundedQueue, DeliversEverythingOnceAndInOrder) {
  BoundedQueue<int> queue(3);
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(queue.Push(i));
    queue.Close();
  });
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(queue.Pop(), i);
  EXPECT_EQ(queue.Pop(), std::nullopt);
}

TEST(BoundedQueue, HoldsNoMoreThanItsCapacity) {
  BoundedQueue<int> queue(2);
  std::atomic<int> pushed = 0;
  std::jthread producer([&] {
    for (int i = 0; i < 50; ++i) {
      queue.Push(i);
      ++pushed;
    }
  });
  for (int popped = 0; popped < 50; ++popped) {
    EXPECT_LE(pushed - popped, 2);
    EXPECT_EQ(queue.Pop(), popped);
  }
}

TEST(BoundedQueue, ClosingWakesEveryoneAndKeepsWhatIsInside) {
  BoundedQueue<int> full(1), empty(1);
  ASSERT_TRUE(full.Push(1));
  std::jthread pusher([&] { EXPECT_FALSE(full.Push(2)); });
  std::jthread popper([&] { EXPECT_EQ(empty.Pop(), std::nullopt); });
  full.Close();
  empty.Close();
  pusher.join();
  popper.join();
  EXPECT_FALSE(full.Push(3));
  EXPECT_EQ(full.Pop(), 1);
  EXPECT_EQ(full.Pop(), std::nullopt);
}

}  // namespace
}  // namespace crossface
