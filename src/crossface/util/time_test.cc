#include "crossface/util/time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace crossface {
namespace {

TEST(Timecode, CountsHoursMinutesSecondsAndMilliseconds) {
  EXPECT_EQ(Timecode(0), "00:00:00.000");
  EXPECT_EQ(Timecode(3'723'456), "01:02:03.456");
  EXPECT_EQ(Timecode(86'399'999), "23:59:59.999");
  EXPECT_EQ(Timecode(360'000'001), "100:00:00.001");
  EXPECT_EQ(Timecode(-1500), "-00:00:01.500");
  EXPECT_EQ(Timecode(std::numeric_limits<int64_t>::min()), "-2562047788015:12:55.808");
}

TEST(Timecode, ForFilesHasNoColons) { EXPECT_EQ(FileTimecode(3'723'456), "01-02-03.456"); }

TEST(FormatUtc, WritesIso8601) {
  using namespace std::chrono;
  EXPECT_EQ(FormatUtc(system_clock::from_time_t(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatUtc(sys_days{2024y / February / 29} + 13h + 5min + 9s + 999ms), "2024-02-29T13:05:09Z");
}

TEST(ShortDuration, SaysUnknownForWhatIsNoDuration) {
  EXPECT_EQ(ShortDuration(45.4), "45 s");
  EXPECT_EQ(ShortDuration(59.6), "1:00");
  EXPECT_EQ(ShortDuration(723), "12:03");
  EXPECT_EQ(ShortDuration(3723), "1:02:03");
  EXPECT_EQ(ShortDuration(-1), "?");
  EXPECT_EQ(ShortDuration(std::nan("")), "?");
  EXPECT_EQ(ShortDuration(std::numeric_limits<double>::infinity()), "?");
}

}  // namespace
}  // namespace crossface
