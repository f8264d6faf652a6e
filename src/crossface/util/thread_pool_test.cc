#include "crossface/util/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

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

TEST(ThreadPool, WorksWithMoreOrFewerThreadsFromOneMomentOn) {
  ThreadPool pool(1);
  std::atomic<int> at_work = 0, most = 0, done = 0;
  const auto work = [&] {
    const int now = ++at_work;
    for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --at_work;
    ++done;
  };
  pool.Resize(4);
  EXPECT_EQ(pool.size(), 4);
  std::latch four(4);
  for (int i = 0; i < 4; ++i) pool.Submit([&] { four.arrive_and_wait(); });
  four.wait();
  std::vector<std::future<void>> results;
  for (int i = 0; i < 200; ++i) results.push_back(pool.Submit(work));
  for (int i = 0; i < 40; ++i) pool.Resize(1 + i % 5);
  pool.Resize(0);
  EXPECT_EQ(pool.size(), 1) << "somebody has to";
  for (auto& result : results) result.get();
  most = 0;
  results.clear();
  for (int i = 0; i < 50; ++i) results.push_back(pool.Submit(work));
  for (auto& result : results) result.get();
  EXPECT_EQ(done, 250);
  EXPECT_EQ(most, 1);
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

}  // namespace
}  // namespace crossface
