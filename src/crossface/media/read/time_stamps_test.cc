// Videos whose time stamps are wrong, through OpenSource.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "crossface/media/file/input_file.h"
#include "crossface/media/read/avi_empty_frames.h"
#include "crossface/media/read/read_all_for_test.h"

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TimeStamps : public MadeFiles {
 protected:
  static constexpr char kPictures[] = "-f lavfi -i testsrc2=s=96x64:r=25:d=2 -pix_fmt yuv420p";

  // The times that frames have in `sound`, expected of `file` too.
  void ExpectTimesOf(const std::filesystem::path& sound, const std::filesystem::path& file,
                     int64_t tolerance_us) const {
    const ReadSource expected = ReadAll(sound), read = ReadAll(file);
    ASSERT_TRUE(read.opened.ok()) << read.opened.message();
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
    ASSERT_EQ(read.time_us.size(), expected.time_us.size());
    for (size_t i = 0; i < read.time_us.size(); ++i)
      EXPECT_NEAR(static_cast<double>(read.time_us[i]), static_cast<double>(expected.time_us[i]),
                  static_cast<double>(tolerance_us))
          << i;
    EXPECT_NEAR(static_cast<double>(read.info.duration_ms), 2000, 100);
  }
};

TEST_F(TimeStamps, OneThatIsHoursAwayMovesOnlyItsOwnFrame) {
  for (const char* codec : {"libx264 -bf 0", "libx264 -bf 3", "mpeg4"}) {
    const auto sound = Make("sound.mkv", fmt::format("{} -c:v {}", kPictures, codec));
    const auto file = Make(
        "stray.mkv",
        fmt::format("-i '{}' -c copy -bsf:v 'setts=pts=PTS+if(eq(N\\,20)\\,95444000\\,0)'", sound.string()));
    SCOPED_TRACE(codec);
    ExpectTimesOf(sound, file, 21'000);
    EXPECT_THAT(ReadAll(file).notes,
                ElementsAre(HasSubstr("the time stamp of 1 frame is far from those around")));
  }
}

TEST_F(TimeStamps, AnAviFileThatSaysOnlyWhenToDecodeIsSound) {
  for (const char* options : {"-bf 0", "-bf 3", "-bf 8 -g 300"}) {
    const auto file =
        Make("slow.avi",
             fmt::format("-f lavfi -i testsrc2=s=96x64:r=5:d=20 -pix_fmt yuv420p -c:v libx264 {}", options));
    const ReadSource read = ReadAll(file);
    EXPECT_EQ(read.time_us.size(), 100u) << options;
    EXPECT_TRUE(read.damage.ok()) << options << read.damage.message();
  }
}

TEST_F(TimeStamps, SoDoesOneInATransportStream) {
  const auto sound = Make("sound.ts", fmt::format("{} -c:v libx264 -bf 2", kPictures));
  const auto file = Make(
      "stray.ts", fmt::format("-copyts -i '{}' -c copy -bsf:v 'setts=pts=PTS+if(eq(N\\,20)\\,900000000\\,0)'",
                              sound.string()));
  ExpectTimesOf(sound, file, 21'000);
  EXPECT_THAT(ReadAll(file).notes, ElementsAre(HasSubstr("02:46:40")));
}

TEST_F(TimeStamps, AJumpThatLastsIsToldAndIsNoDamage) {
  const auto sound = Make("sound.ts", fmt::format("{} -c:v libx264 -bf 0", kPictures));
  const auto ahead = Make(
      "ahead.ts", fmt::format("-copyts -i '{}' -c copy -bsf:v 'setts=ts=TS+if(gte(N\\,20)\\,324000000\\,0)'",
                              sound.string()));
  const ReadSource read = ReadAll(ahead);
  EXPECT_TRUE(read.damage.ok()) << read.damage.message();
  ASSERT_EQ(read.time_us.size(), 50u);
  EXPECT_NEAR(static_cast<double>(read.time_us[20] - read.time_us[19]), 3'600'040'000, 1000);
  EXPECT_THAT(read.notes,
              ElementsAre("time stamps jump ahead 1 time: by 01:00:00.000 at 00:00:00.760; the gap is kept"));
}

TEST_F(TimeStamps, ATransportStreamsCounterMayBeginAnew) {
  const auto file =
      Make("wrap.ts",
           "-f lavfi -i testsrc2=s=96x64:r=5:d=24 -pix_fmt yuv420p -c:v libx264 -output_ts_offset "
           "95430");
  const ReadSource read = ReadAll(file);
  EXPECT_THAT(read.notes, IsEmpty());
  ASSERT_EQ(read.time_us.size(), 120u);
  for (size_t i = 0; i < read.time_us.size(); ++i)
    EXPECT_NEAR(static_cast<double>(read.time_us[i]), 200'000.0 * static_cast<double>(i), 20);
}

TEST_F(TimeStamps, EqualAndTooDenseOnesAreTold) {
  const auto sound = Make("sound.mkv", fmt::format("{} -c:v libx264", kPictures));
  for (const char* stamps : {"0", "TS/75"}) {
    const auto file =
        Make("dense.mkv", fmt::format("-i '{}' -c copy -bsf:v setts=ts={}", sound.string(), stamps));
    const ReadSource read = ReadAll(file);
    EXPECT_EQ(read.time_us.size(), 50u);
    EXPECT_THAT(read.notes, ElementsAre(HasSubstr("49 frames from 00:00:00.00")));
    EXPECT_TRUE(read.damage.ok());
  }
  EXPECT_THAT(ReadAll(sound).notes, IsEmpty());
}

TEST_F(TimeStamps, EmptyFramesOfAviAreNoDamage) {
  const std::string whole = *ReadFile(Make("whole.avi", fmt::format("{} -c:v mpeg4", kPictures)));
  for (const char* dropped : {"between(n,10,30)", "mod(n,5)", "between(n,1,44)"}) {
    SCOPED_TRACE(dropped);
    const auto file = Make(
        "dropped.avi", fmt::format("{} -vf \"select='not({})'\" -vsync vfr -c:v mpeg4", kPictures, dropped));
    const ReadSource read = ReadAll(file);
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
    EXPECT_LT(read.time_us.size(), 40u);
    EXPECT_THAT(read.notes,
                ElementsAre(fmt::format("{} of {} frames are empty: the picture before stays",
                                        read.time_us.back() / 40'000 + 1 - std::ssize(read.time_us),
                                        read.time_us.back() / 40'000 + 1)));
  }
  // One that was cut off still is damaged.
  ASSERT_TRUE(WriteFileAtomically(File("cut.avi"), whole.substr(0, whole.size() / 2)).ok());
  EXPECT_EQ(ReadAll(File("cut.avi")).damage.code(), StatusCode::kCorrupt);
}

TEST_F(TimeStamps, EmptyFramesAtTheEndAreCountedToo) {
  std::string whole = *ReadFile(Make("whole.avi", fmt::format("{} -c:v mjpeg", kPictures)));
  // The last picture becomes an empty chunk, and something else of its size.
  const size_t last = whole.rfind("00dc", whole.rfind("idx1"));
  ASSERT_NE(last, std::string::npos);
  uint32_t size = 0;
  for (size_t i = 4; i-- > 0;) size = size << 8 | static_cast<uint8_t>(whole[last + 4 + i]);
  const auto put = [&](size_t at, uint32_t value) {
    for (size_t i = 0; i < 4; ++i) whole[at + i] = static_cast<char>(value >> (8 * i));
  };
  put(last + 4, 0);
  whole.replace(last + 8, 4, "JUNK");
  put(last + 12, size - 8);
  put(whole.rfind("00dc") + 12, 0);
  ASSERT_TRUE(WriteFileAtomically(File("end.avi"), whole).ok());
  const ReadSource read = ReadAll(File("end.avi"));
  EXPECT_EQ(read.time_us.size(), 49u);
  EXPECT_TRUE(read.damage.ok()) << read.damage.message();
  EXPECT_THAT(read.notes, ElementsAre("1 of 50 frames are empty: the picture before stays"));
}

TEST_F(TimeStamps, CountingEmptyFramesEndsOnAnyBytes) {
  EXPECT_TRUE(rc::check("an AVI with changed bytes", [this] {
    static const std::string whole = *ReadFile(Make("whole.avi", fmt::format("{} -c:v mjpeg", kPictures)));
    std::string bytes = whole.substr(0, *rc::gen::inRange<size_t>(0, whole.size()));
    for (size_t i = 0; i < 5 && !bytes.empty(); ++i)
      bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    RC_ASSERT(WriteFileAtomically(File("changed.avi"), bytes).ok());
    const auto file = InputFile::Open(File("changed.avi"));
    RC_ASSERT(file.ok());
    RC_ASSERT(CountEmptyAviFrames(**file, 0) <= static_cast<int64_t>(bytes.size() / 8));
  }));
}

}  // namespace
}  // namespace crossface
