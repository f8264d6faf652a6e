#include "crossface/media/read/frame_clock.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kMissing = INT64_MIN + 1;
constexpr int64_t kHour = 3'600'000;  // in the milliseconds that most tests tick in

struct Clocked {
  std::vector<int64_t> pts, time_ms;
  std::vector<std::string> notes;
};

Clocked Clock(FrameClock clock, const std::vector<int64_t>& stamps) {
  Clocked result;
  const auto take = [&] {
    while (const auto stamp = clock.Pop()) {
      result.pts.push_back(stamp->pts);
      result.time_ms.push_back(stamp->time_us / 1000);
    }
  };
  for (const int64_t stamp : stamps) {
    clock.Push(stamp == kMissing ? std::nullopt : std::optional(stamp));
    take();
  }
  clock.Finish();
  take();
  result.notes = clock.Notes();
  return result;
}

// In milliseconds, 25 frames a second.
Clocked Clock(const std::vector<int64_t>& stamps) { return Clock(FrameClock(1, 1000, 40'000), stamps); }

std::vector<int64_t> Steady(size_t frames, int64_t first = 0) {
  std::vector<int64_t> stamps(frames);
  for (size_t i = 0; i < frames; ++i) stamps[i] = first + 40 * static_cast<int64_t>(i);
  return stamps;
}

std::vector<int64_t> operator+(std::vector<int64_t> a, const std::vector<int64_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(FrameClock, CountsFromTheFirstStampInItsTicks) {
  EXPECT_THAT(Clock(FrameClock(1, 24000, 41708), {40896, 40896 + 1001, 40896 + 24000}).time_ms,
              ElementsAre(0, 41, 1000));
}

TEST(FrameClock, KeepsLongGapsAndTellsThem) {
  const Clocked two = Clock({500, 500 + kHour});
  EXPECT_THAT(two.time_ms, ElementsAre(0, kHour));
  const Clocked lasting = Clock(Steady(50) + Steady(50, 10 * kHour));
  EXPECT_EQ(lasting.time_ms, Steady(50) + Steady(50, 10 * kHour));
  EXPECT_THAT(lasting.notes,
              ElementsAre("time stamps jump ahead 1 time: by 09:59:58.000 at 00:00:01.960; the gap is kept"));
}

TEST(FrameClock, SaysNothingOfPausesThatRecordersMake) {
  const Clocked clocked = Clock(Steady(50) + Steady(50, 9'000));
  EXPECT_EQ(clocked.time_ms, Steady(50) + Steady(50, 9'000));
  EXPECT_THAT(clocked.notes, IsEmpty());
  // A picture a minute is no jump where that is the rate.
  const auto slow = Clock(FrameClock(1, 1000, 60'000'000), {0, 60'000, 120'000, 300'000});
  EXPECT_THAT(slow.time_ms, ElementsAre(0, 60'000, 120'000, 300'000));
  EXPECT_THAT(slow.notes, IsEmpty());
}

TEST(FrameClock, FillsInMissingStamps) {
  const Clocked clocked = Clock({kMissing, kMissing, kMissing, 130});
  EXPECT_THAT(clocked.time_ms, ElementsAre(0, 40, 80, 130));
  EXPECT_THAT(clocked.pts, ElementsAre(0, 40, 80, 130));
}

TEST(FrameClock, HoldsFramesThatAreSlightlyOutOfOrder) {
  const Clocked clocked = Clock({0, 80, 40, 120});
  EXPECT_THAT(clocked.time_ms, ElementsAre(0, 80, 80, 120)) << "one late frame must not shift the others";
  EXPECT_THAT(clocked.notes, IsEmpty());
}

TEST(FrameClock, GoesOnWhereShortRecordingsWereJoined) {
  for (const size_t frames : {size_t{13}, size_t{20}, size_t{26}, size_t{40}}) {
    const Clocked clocked = Clock(Steady(frames) + Steady(frames) + Steady(frames));
    EXPECT_EQ(clocked.time_ms, Steady(3 * frames)) << frames;
    EXPECT_THAT(clocked.notes, ElementsAre(HasSubstr("jump back 2 times")));
  }
}

TEST(FrameClock, OneFrameThatIsHalfASecondLateMovesOnlyItself) {
  std::vector<int64_t> stamps = Steady(50);
  stamps[30] -= 600;
  EXPECT_EQ(Clock(stamps).time_ms, Steady(50));
}

TEST(FrameClock, GoesOnWhereTheClockWasSetBackForGood) {
  const Clocked clocked = Clock(Steady(50, 7 * kHour) + Steady(50));
  EXPECT_EQ(clocked.time_ms, Steady(100));
  EXPECT_THAT(clocked.notes,
              ElementsAre("time stamps jump back 1 time: by 07:00:02.000 at 00:00:01.960; times go on from "
                          "the frame before"));
}

// Wherever it is, however far off, ahead or behind, alone or with a few others.
TEST(FrameClock, StraysMoveNobodyElse) {
  EXPECT_TRUE(rc::check("a run of strays", [] {
    const auto count = *rc::gen::inRange<size_t>(1, 9), frames = *rc::gen::inRange<size_t>(30, 80);
    const auto at = *rc::gen::inRange<size_t>(3, frames - count - 3);
    const auto off = *rc::gen::suchThat(rc::gen::inRange<int64_t>(-30 * kHour, 30 * kHour),
                                        [](int64_t by) { return std::abs(by) > 5'000; });
    const bool same_place = *rc::gen::arbitrary<bool>();
    const std::vector<int64_t> sound = Steady(frames, 50 * kHour);
    std::vector<int64_t> stamps = sound;
    for (size_t i = at; i < at + count; ++i) stamps[i] = same_place ? sound[at] + off : sound[i] + off;
    const Clocked clocked = Clock(stamps);
    RC_ASSERT(clocked.time_ms == Steady(frames));
    RC_ASSERT(clocked.pts == sound);
    RC_ASSERT(clocked.notes.size() == 1u);
    RC_ASSERT(clocked.notes[0].starts_with(count == 1
                                               ? "the time stamp of 1 frame is far"
                                               : fmt::format("the time stamps of {} frames are far", count)));
  }));
}

TEST(FrameClock, StraysAtEitherEndMoveNobodyElse) {
  for (const int64_t off : {26 * kHour, -26 * kHour}) {
    for (const size_t at : {size_t{0}, size_t{1}, size_t{48}, size_t{49}}) {
      std::vector<int64_t> stamps = Steady(50);
      stamps[at] += off;
      const Clocked clocked = Clock(stamps);
      EXPECT_EQ(clocked.time_ms, Steady(50)) << off << " " << at;
      EXPECT_THAT(clocked.notes,
                  ElementsAre(HasSubstr(off > 0 ? "26:00:00.000 ahead" : "26:00:00.000 behind")));
    }
  }
}

TEST(FrameClock, ManyStraysEachMoveOnlyThemselves) {
  std::vector<int64_t> stamps = Steady(300);
  for (size_t i = 5; i < 290; i += 7) stamps[i] += static_cast<int64_t>(i) * (i % 2 == 0 ? kHour : -kHour);
  const Clocked clocked = Clock(stamps);
  EXPECT_EQ(clocked.time_ms, Steady(300));
  EXPECT_THAT(clocked.notes,
              ElementsAre(HasSubstr("the time stamps of 41 frames are far from those around, the first "
                                    "05:00:00.000 behind at 00:00:00.200")));
}

TEST(FrameClock, ACounterThatBeginsAnewGoesOn) {
  constexpr int64_t kWrap = int64_t{1} << 33;
  std::vector<int64_t> stamps, expected;
  for (int64_t i = 0; i < 200; ++i) {
    stamps.push_back((kWrap - 100 * 3600 + i * 3600) % kWrap);
    expected.push_back(i * 40);
  }
  const Clocked once = Clock(FrameClock(1, 90'000, 40'000, kWrap), stamps);
  EXPECT_EQ(once.time_ms, expected);
  EXPECT_EQ(once.pts, stamps);
  EXPECT_THAT(once.notes, IsEmpty());
}

// libav adds a turn of the counter to a stamp that is far below the first one.
TEST(FrameClock, AStampFarBehindThatWasTakenForANewTurnIsToldForWhatItIs) {
  constexpr int64_t kWrap = int64_t{1} << 33, kSecond = 90'000;
  std::vector<int64_t> stamps, expected;
  for (int64_t i = 0; i < 60; ++i) {
    stamps.push_back(20'000 * kSecond + i * 3600);
    expected.push_back(i * 40);
  }
  stamps[30] += kWrap - 9'800 * kSecond;
  const Clocked stray = Clock(FrameClock(1, 90'000, 40'000, kWrap), stamps);
  EXPECT_EQ(stray.time_ms, expected);
  EXPECT_THAT(stray.notes, ElementsAre(HasSubstr("02:43:20.000 behind at 00:00:01.200")));
  for (size_t i = 31; i < 60; ++i) stamps[i] += kWrap - 9'800 * kSecond;
  const Clocked lasting = Clock(FrameClock(1, 90'000, 40'000, kWrap), stamps);
  EXPECT_EQ(lasting.time_ms, expected);
  EXPECT_THAT(lasting.notes, ElementsAre(HasSubstr("jump back 1 time: by 02:43:20.000 at 00:00:01.160")));
}

TEST(FrameClock, TellsStampsThatAreTooDense) {
  EXPECT_THAT(Clock(std::vector<int64_t>(60, 700)).notes,
              ElementsAre(HasSubstr("59 frames from 00:00:00.000 on")));
  // Ten times too fast, rounded to milliseconds; and slow motion as telephones have it.
  std::vector<int64_t> fast, slow_motion;
  for (int64_t i = 0; i < 60; ++i) {
    fast.push_back(i * 10 / 3);
    slow_motion.push_back(i * 1000 / 240);
  }
  EXPECT_THAT(Clock(FrameClock(1, 1000, 3'333), fast).notes, ElementsAre(HasSubstr("59 frames from")));
  EXPECT_THAT(Clock(FrameClock(1, 1000, 4'166), slow_motion).notes, IsEmpty());
  std::vector<int64_t> bursts;
  for (int64_t second = 0; second < 3; ++second) bursts = bursts + std::vector<int64_t>(20, second * 1000);
  EXPECT_THAT(Clock(bursts).notes, ElementsAre(HasSubstr("57 frames from 00:00:00.000 on")));
  // A doubled frame now and then is usual.
  std::vector<int64_t> doubled;
  for (int64_t i = 0; i < 50; ++i) doubled = doubled + std::vector<int64_t>{i * 40, i * 40};
  EXPECT_THAT(Clock(doubled).notes, IsEmpty());
}

TEST(FrameClock, WaitsOnlyWhereStampsJumpAndNoLongerThanAllowed) {
  FrameClock clock(1, 1000, 40'000);
  clock.set_most_waiting(5);
  size_t waiting = 0, most = 0;
  const auto push = [&](int64_t stamp) {
    clock.Push(stamp);
    ++waiting;
    while (clock.Pop()) --waiting;
    most = std::max(most, waiting);
  };
  for (const int64_t stamp : Steady(50)) push(stamp);
  EXPECT_LE(most, 2u) << "at the begin";
  EXPECT_EQ(waiting, 0u);
  for (const int64_t stamp : Steady(50, 5 * kHour)) push(stamp);
  EXPECT_LE(most, 5u);
  EXPECT_EQ(waiting, 0u);
}

TEST(FrameClock, NeverGoesBackwardsAndGivesEveryFrameBack) {
  EXPECT_TRUE(rc::check("whatever the stamps", [] {
    const auto stamps = *rc::gen::container<std::vector<int64_t>>(
        rc::gen::oneOf(rc::gen::arbitrary<int64_t>(), rc::gen::inRange<int64_t>(-5000, 5000),
                       rc::gen::elementOf(std::vector<int64_t>{kMissing, INT64_MIN, INT64_MAX})));
    const Clocked clocked =
        Clock(FrameClock(*rc::gen::inRange(1, 1002), *rc::gen::inRange(1, 200'000),
                         *rc::gen::inRange<int64_t>(0, 2'000'000), int64_t{1} << *rc::gen::inRange(1, 40)),
              stamps);
    RC_ASSERT(clocked.time_ms.size() == stamps.size());
    RC_ASSERT(std::is_sorted(clocked.time_ms.begin(), clocked.time_ms.end()));
    RC_ASSERT(
        std::all_of(clocked.time_ms.begin(), clocked.time_ms.end(), [](int64_t time) { return time >= 0; }));
  }));
}

TEST(FrameClock, GivesSoundStampsBackExactly) {
  EXPECT_TRUE(rc::check("rising stamps", [] {
    const auto steps = *rc::gen::container<std::vector<int64_t>>(rc::gen::inRange<int64_t>(0, 10'000'000));
    const auto start = *rc::gen::inRange<int64_t>(-1'000'000'000, 1'000'000'000);
    std::vector<int64_t> stamps = {start, start + 40, start + 80, start + 120}, times = {0, 40, 80, 120};
    for (const int64_t step : steps) {
      stamps.push_back(stamps.back() + step);
      times.push_back(times.back() + step);
    }
    for (int64_t i = 1; i <= 3; ++i) {  // nothing stands alone at the end
      stamps.push_back(stamps.back() + 40);
      times.push_back(times.back() + 40);
    }
    const Clocked clocked = Clock(stamps);
    RC_ASSERT(clocked.time_ms == times);
    RC_ASSERT(clocked.pts == stamps);
  }));
}

TEST(StampChooser, OneBadStampDoesNotChangeHowTheOthersAreRead) {
  StampChooser chooser(1000);
  for (int64_t i = 0; i < 20; ++i) {
    const int64_t pts = i == 10 ? 95'000'000 : i * 40 + 80;
    EXPECT_EQ(chooser.Choose(pts, i * 40), pts) << i;
  }
}

TEST(StampChooser, TakesDecodingTimesWhereTheOthersDoNotRise) {
  StampChooser chooser(1000);
  const int64_t pts[] = {0, 120, 40, 80, 240, 160, 200};
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < 7; ++i) chosen.push_back(*chooser.Choose(pts[i], i * 40));
  EXPECT_THAT(chosen, ElementsAre(0, 120, 80, 120, 160, 200, 240));
  EXPECT_EQ(chooser.Choose(std::nullopt, 280), 280);
  EXPECT_EQ(chooser.Choose(std::nullopt, std::nullopt), std::nullopt);
}

}  // namespace
}  // namespace crossface
