#include "crossface/export/frame_rate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "crossface/testing/testing.h"
#include "crossface/util/file.h"
#include "crossface/util/subprocess.h"

namespace crossface {
namespace {

// RapidCheck takes its seed from here; the same cases every time.
[[maybe_unused]] const int kSeeded = ::setenv("RC_PARAMS", "seed=20240305", 1);

TEST(FrameRateOf, KnowsTheRatesOfFilmAndTelevision) {
  const auto expect = [](double average, int num, int den, bool drop) {
    const FrameRate rate = FrameRateOf(average);
    EXPECT_EQ(rate.num, num) << average;
    EXPECT_EQ(rate.den, den) << average;
    EXPECT_EQ(rate.drop_frame, drop) << average;
  };
  expect(24000.0 / 1001, 24000, 1001, false);
  expect(23.98, 24000, 1001, false);
  expect(24, 24, 1, false);
  expect(25, 25, 1, false);
  expect(29.97, 30000, 1001, true);
  expect(30, 30, 1, false);
  expect(59.94, 60000, 1001, true);
  expect(60, 60, 1, false);
  expect(14.9, 15, 1, false);
  expect(0, 25, 1, false);
  expect(0.2, 1, 1, false);
}

TEST(SmpteTimecode, DropFrameLeavesNumbersOutAndKeepsTheClock) {
  const FrameRate rate = FrameRateOf(29.97);
  EXPECT_EQ(SmpteTimecode(0, rate), "00:00:00;00");
  EXPECT_EQ(SmpteTimecode(1799, rate), "00:00:59;29");
  EXPECT_EQ(SmpteTimecode(1800, rate), "00:01:00;02");
  EXPECT_EQ(SmpteTimecode(17981, rate), "00:09:59;29");
  EXPECT_EQ(SmpteTimecode(17982, rate), "00:10:00;00");
  EXPECT_EQ(SmpteTimecode(107892, rate), "01:00:00;00");  // an hour of time code is an hour
  const FrameRate fast = FrameRateOf(59.94);
  EXPECT_EQ(SmpteTimecode(3600, fast), "00:01:00;04");
  EXPECT_EQ(SmpteTimecode(215784, fast), "01:00:00;00");
  EXPECT_EQ(SmpteTimecode(86400, FrameRateOf(23.976)), "01:00:00:00");
}

TEST(SmpteTimecode, EqualsOpenTimelineIos) {
  testing::ScratchFolder scratch;
  std::string frames;
  for (int64_t frame = 0; frame < 2'500'000; frame += 577) frames += std::to_string(frame) + "\n";
  for (const int64_t edge : {1799, 1800, 1801, 3599, 3600, 17981, 17982, 17983, 35963, 35964, 107892, 215784})
    frames += std::to_string(edge) + "\n";
  ASSERT_TRUE(WriteFileAtomically(scratch.path() / "frames", frames).ok());
  for (const auto& [exact, average, kind] :
       {std::tuple("30000/1001", 29.97, "drop"), std::tuple("60000/1001", 59.94, "drop"),
        std::tuple("24000/1001", 23.976, "whole"), std::tuple("25", 25.0, "whole")}) {
    const auto script = testing::SourceFolder() / "src/crossface/export/readers_for_test.py";
    const std::string answers = (scratch.path() / "answers").string();
    ASSERT_EQ(testing::RunCommand(fmt::format("'{}' '{}' timecodes {} {} <'{}' >'{}'",
                                              testing::ReaderPython().string(), script.string(), average,
                                              kind, (scratch.path() / "frames").string(), answers)),
              0)
        << "tools/setup.sh --tests makes what this test needs";
    const auto theirs = nlohmann::json::parse(*ReadFile(answers)).get<std::vector<std::string>>();
    const FrameRate rate = FrameRateOf(average);
    size_t i = 0;
    for (std::istringstream lines(frames); i < theirs.size(); ++i) {
      int64_t frame = 0;
      lines >> frame;
      ASSERT_EQ(SmpteTimecode(frame, rate), theirs[i]) << frame << " at " << average;
    }
    EXPECT_GT(i, 4000u);
  }
}

TEST(SmpteTimecode, IsReadBackAndTimesFallOnTheirFrames) {
  EXPECT_TRUE(rc::check("frame to time code and back", [] {
    const FrameRate rate = FrameRateOf(*rc::gen::element(23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0));
    const int64_t frame = *rc::gen::inRange<int64_t>(0, 24LL * 3600 * rate.nominal() * 999 / 1000);
    RC_ASSERT(FrameOfTimecode(SmpteTimecode(frame, rate), rate) == frame);
    // A frame's own time, cut to whole microseconds, is that frame.
    RC_ASSERT(FrameAt(frame * 1'000'000 * rate.den / rate.num, rate) == frame);
  }));
  EXPECT_EQ(FrameOfTimecode("00:01:00;00", FrameRateOf(29.97)), std::nullopt);  // a number that is left out
  for (const char* text : {"", "00:00:00", "00:00:00:30", "25:00:00:00", "00:00:00:00x", "-1:00:00:00"})
    EXPECT_EQ(FrameOfTimecode(text, FrameRateOf(30)), std::nullopt) << text;
}

}  // namespace
}  // namespace crossface
