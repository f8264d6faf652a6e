#include "crossface/util/byte_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "crossface/testing/testing.h"

namespace crossface {
namespace {

TEST(ByteBudget, WhatIsTakenIsThereNoMoreUntilItIsGivenBack) {
  ByteBudget budget(100);
  ByteBudget::Share one(budget), other(budget);
  EXPECT_TRUE(one.TryTake(60));
  EXPECT_FALSE(other.TryTake(41));
  EXPECT_TRUE(other.TryTake(40));
  EXPECT_EQ(budget.held(), 100);
  one.GiveBack(60);
  EXPECT_EQ(budget.held(), 40);
  EXPECT_THROW(one.GiveBack(1), std::logic_error);
  EXPECT_FALSE(other.Take(100, testing::Stopped()));
  EXPECT_TRUE(one.Take(1000, testing::Stopped())) << "who came first passes, however much it is";
}

TEST(ByteBudget, WhatIsHeldWithoutAskingKeepsOthersWaiting) {
  ByteBudget budget(100);
  ByteBudget::Share one(budget), other(budget);
  one.Hold(150);
  EXPECT_EQ(budget.held(), 150);
  EXPECT_FALSE(other.TryTake(1));
  EXPECT_FALSE(one.TryTake(1));
  one.GiveBack(60);
  EXPECT_TRUE(other.TryTake(10));
  EXPECT_EQ(one.held(), 90);
}

TEST(ByteBudget, WhoGoesGivesEverythingBackAndTheNextIsFirst) {
  ByteBudget budget(100);
  auto first = std::make_unique<ByteBudget::Share>(budget);
  ByteBudget::Share second(budget);
  ASSERT_TRUE(first->TryTake(100));
  std::atomic<bool> passed = false;
  std::jthread waiting([&] {
    EXPECT_TRUE(second.Take(500, {}));
    passed = true;
  });
  EXPECT_FALSE(passed);
  first.reset();
  waiting.join();
  EXPECT_EQ(budget.held(), 500);
}

// Everybody wants more than there is, several times, and holds some while waiting: all come through, and
// never is more held than the budget and what the first may have.
TEST(ByteBudget, ComesToNoStandstill) {
  constexpr int64_t kBudget = 1000, kMost = 700;
  ByteBudget budget(kBudget);
  std::atomic<int64_t> highest = 0;
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        std::minstd_rand random(t + 1);
        for (int source = 0; source < 20; ++source) {
          ByteBudget::Share share(budget);
          for (int i = 0; i < 30; ++i) {
            const int64_t bytes = static_cast<int64_t>(random() % (kMost / 2));
            if (share.held() + bytes > kMost) share.GiveBack(share.held());
            ASSERT_TRUE(share.Take(bytes, {}));
            for (int64_t now = budget.held(), seen = highest;
                 now > seen && !highest.compare_exchange_weak(seen, now);) {
            }
          }
        }
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 8);
  EXPECT_EQ(budget.held(), 0);
  EXPECT_LE(highest, kBudget + kMost);
  EXPECT_GT(highest, kBudget / 2);
}

}  // namespace
}  // namespace crossface
