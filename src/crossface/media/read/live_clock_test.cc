#include "crossface/media/read/live_clock.h"

#include <gtest/gtest.h>

namespace crossface {
namespace {

constexpr int64_t kSecond = 1'000'000, kNow = 1'800'000'000 * kSecond, kFrame = 40'000;

TEST(LiveClock, TakesTheJitterOutOfArrival) {
  LiveClock clock;
  for (int64_t i = 0; i < 200; ++i) {
    const int64_t late = i % 7 * 30'000;
    const auto time = clock.Tell(5 * kSecond + i * kFrame, kNow + i * kFrame + late, {});
    EXPECT_EQ(time.stream_us, i * kFrame);
    EXPECT_NEAR(static_cast<double>(time.wall_us), static_cast<double>(kNow + i * kFrame), 5'000);
    EXPECT_NEAR(static_cast<double>(time.late_us), static_cast<double>(late), 5'000);
    EXPECT_FALSE(time.jumped);
    EXPECT_EQ(time.clock, ClockKind::kArrival);
  }
}

TEST(LiveClock, FollowsASlowerSender) {
  LiveClock clock;
  LiveClock::Time time;
  // One part in 10,000: a bad crystal. After three hours it is a second.
  for (int64_t i = 0; i < 10'800; ++i) time = clock.Tell(i * kSecond, kNow + i * kSecond + i * 100, {});
  EXPECT_LT(time.late_us, 100'000);
}

TEST(LiveClock, NeverGoesBackWhateverTheStampsDo) {
  LiveClock clock;
  int64_t now = kNow, last = -1, frame = -1;
  const auto tell = [&](int64_t stamp, bool jumped) {
    now += kFrame;
    const auto time = clock.Tell(stamp, now, {});
    EXPECT_EQ(time.jumped, jumped) << stamp;
    EXPECT_GT(time.stream_us, last);
    EXPECT_NEAR(static_cast<double>(time.wall_us), static_cast<double>(now), 1'000);
    last = time.stream_us;
    const auto shown = clock.TellFrame(stamp);
    EXPECT_GT(shown.stream_us, frame);
    frame = shown.stream_us;
  };
  for (int64_t i = 0; i < 10; ++i) tell(90'000 * kSecond + i * kFrame, false);
  tell(3 * kSecond, true);  // the camera began anew, or the stamps wrapped
  for (int64_t i = 1; i < 10; ++i) tell(3 * kSecond + i * kFrame, false);
  tell(7'000 * kSecond, true);
  tell(7'000 * kSecond + kFrame, false);
  EXPECT_LT(last, 2 * kSecond) << "as much as has passed";
}

TEST(LiveClock, KeepsAGapThatWasOne) {
  LiveClock clock;
  clock.Tell(0, kNow, {});
  const auto time = clock.Tell(100 * kSecond, kNow + 100 * kSecond, {});
  EXPECT_FALSE(time.jumped);
  EXPECT_EQ(time.stream_us, 100 * kSecond);
}

TEST(LiveClock, GoesOnAfterAnotherConnection) {
  LiveClock clock;
  clock.Tell(50 * kSecond, kNow, {});
  clock.Reconnect();
  const auto time = clock.Tell(0, kNow + 3600 * kSecond, {});
  EXPECT_FALSE(time.jumped) << "nothing to be told: it is another connection";
  EXPECT_EQ(time.stream_us, 3600 * kSecond);
  EXPECT_EQ(time.wall_us, kNow + 3600 * kSecond);
}

TEST(LiveClock, TakesFirstPacketsWithoutStampsForNoJump) {
  LiveClock clock;
  for (const int64_t begin : {kNow, kNow + 100 * kSecond}) {
    auto time = clock.Tell({}, begin, {});
    EXPECT_EQ(time.wall_us, begin);
    EXPECT_EQ(clock.TellFrame({}).wall_us, begin);
    time = clock.Tell(40'000, begin + 40'000, {});
    EXPECT_FALSE(time.jumped);
    EXPECT_EQ(time.wall_us, begin + 40'000);
    EXPECT_EQ(time.stream_us, begin - kNow + 40'000);
    EXPECT_EQ(clock.TellFrame(40'000).stream_us, begin - kNow + 40'000);
    clock.Reconnect();
  }
}

TEST(LiveClock, BelievesASenderThatIsNotFarOff) {
  LiveClock clock;
  auto time = clock.Tell(0, kNow, kNow - 300'000);
  EXPECT_EQ(time.wall_us, kNow - 300'000);
  EXPECT_EQ(time.clock, ClockKind::kSender);
  time = clock.Tell(kFrame, kNow + 200'000, {});
  EXPECT_EQ(time.wall_us, kNow - 300'000 + kFrame) << "its clock goes on between its reports";
  EXPECT_EQ(clock.sender_off_us(), 0);

  LiveClock other;
  time = other.Tell(0, kNow, 5 * kSecond);  // 1970
  EXPECT_EQ(time.wall_us, kNow);
  EXPECT_EQ(time.clock, ClockKind::kArrival);
  EXPECT_EQ(other.sender_off_us(), 5 * kSecond - kNow);
}

TEST(LiveClock, GivesPicturesOfBeforeAJumpTheirTime) {
  LiveClock clock;
  for (int64_t i = 0; i < 5; ++i) clock.Tell(100 * kSecond + i * kFrame, kNow + i * kFrame, {});
  clock.TellFrame(100 * kSecond);
  EXPECT_TRUE(clock.Tell(0, kNow + 5 * kFrame, {}).jumped);
  EXPECT_EQ(clock.TellFrame(100 * kSecond + 3 * kFrame).stream_us, 3 * kFrame) << "the decoder still had it";
  EXPECT_EQ(clock.TellFrame(0).stream_us, 5 * kFrame);
}

}  // namespace
}  // namespace crossface
