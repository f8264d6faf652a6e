#include "crossface/media/frame_clock.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace crossface {
namespace {

constexpr int64_t kMissing = INT64_MIN + 1;

TEST(FrameClock, CountsFromTheFirstStampInItsTicks) {
  FrameClock clock(1, 24000, 41708);
  EXPECT_EQ(clock.Next(40896).time_us, 0);
  EXPECT_EQ(clock.Next(40896 + 1001).time_us, 41708);
  EXPECT_EQ(clock.Next(40896 + 24000).time_us, 1'000'000);
}

TEST(FrameClock, KeepsLongGaps) {
  FrameClock clock(1, 1000, 40'000);
  clock.Next(500);
  EXPECT_EQ(clock.Next(500 + 3'600'000).time_us, 3'600'000'000);
}

TEST(FrameClock, FillsInMissingStamps) {
  FrameClock clock(1, 1000, 40'000);
  EXPECT_EQ(clock.Next(std::nullopt).time_us, 0);
  EXPECT_EQ(clock.Next(std::nullopt).time_us, 40'000);
  const auto third = clock.Next(std::nullopt);
  EXPECT_EQ(third.time_us, 80'000);
  EXPECT_EQ(third.pts, 80);
  EXPECT_EQ(clock.Next(130).time_us, 130'000);
}

TEST(FrameClock, HoldsFramesThatAreSlightlyOutOfOrder) {
  FrameClock clock(1, 1000, 40'000);
  clock.Next(0);
  clock.Next(80);
  EXPECT_EQ(clock.Next(40).time_us, 80'000);
  EXPECT_EQ(clock.Next(120).time_us, 120'000) << "one late frame must not shift the others";
  EXPECT_EQ(clock.set_back(), 0);
}

TEST(FrameClock, GoesOnWhereTheClockWasSetBack) {
  FrameClock clock(1, 1000, 40'000);
  clock.Next(0);
  clock.Next(10'000);
  EXPECT_EQ(clock.Next(0).time_us, 10'040'000);
  EXPECT_EQ(clock.Next(500).time_us, 10'540'000);
  EXPECT_EQ(clock.set_back(), 1);
}

TEST(FrameClock, NeverGoesBackwards) {
  EXPECT_TRUE(rc::check("whatever the stamps", [] {
    const auto stamps = *rc::gen::container<std::vector<int64_t>>(
        rc::gen::oneOf(rc::gen::arbitrary<int64_t>(), rc::gen::inRange<int64_t>(-5000, 5000),
                       rc::gen::elementOf(std::vector<int64_t>{kMissing, INT64_MIN, INT64_MAX})));
    FrameClock clock(*rc::gen::inRange(1, 1002), *rc::gen::inRange(1, 200'000),
                     *rc::gen::inRange<int64_t>(0, 2'000'000));
    int64_t last = 0;
    for (const int64_t stamp : stamps) {
      const int64_t time = clock.Next(stamp == kMissing ? std::nullopt : std::optional(stamp)).time_us;
      RC_ASSERT(time >= last);
      last = time;
    }
  }));
}

TEST(FrameClock, GivesSoundStampsBackExactly) {
  EXPECT_TRUE(rc::check("rising stamps in microseconds", [] {
    const auto steps =
        *rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, 10'000'000'000));
    const auto start = *rc::gen::inRange<int64_t>(-1'000'000'000'000, 1'000'000'000'000);
    FrameClock clock(1, 1'000'000, 40'000);
    clock.Next(start);
    int64_t sum = 0;
    for (int64_t step : steps) {
      sum += step;
      const auto stamp = clock.Next(start + sum);
      RC_ASSERT(stamp.time_us == sum);
      RC_ASSERT(stamp.pts == start + sum);
    }
  }));
}

}  // namespace
}  // namespace crossface
