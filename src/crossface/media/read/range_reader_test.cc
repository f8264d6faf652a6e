// A range is read as the whole is, or not at all.
#include "crossface/media/read/range_reader.h"

#include <gmock/gmock.h>

#include <random>

#include "crossface/media/read/read_all_for_test.h"

namespace crossface {
namespace {

using ::testing::HasSubstr;

std::string AsText(const Frame& frame) {
  const auto mark = MarkOf(frame);
  return fmt::format("{} {} {} {} {}", frame.index, frame.pts, frame.time_us, frame.duration_us,
                     mark.ok() ? mark->digest : 0);
}

struct Whole {
  std::vector<FrameMark> marks;
  std::vector<std::string> frames;  // as text
  TimeBase times;
};

Whole ReadWhole(const std::filesystem::path& path) {
  Whole whole;
  const auto reader = OpenSource(path);
  EXPECT_TRUE(reader.ok()) << reader.status().message();
  while (true) {
    const auto frame = (*reader)->Next();
    EXPECT_TRUE(frame.ok());
    if (!frame.ok() || !*frame) break;
    whole.marks.push_back(*MarkOf(**frame));
    whole.frames.push_back(AsText(**frame));
  }
  const SourceInfo& info = (*reader)->info();
  whole.times = {whole.marks.front().pts, info.time_base_num, info.time_base_den};
  return whole;
}

class RangeReaderTest : public MadeFiles {
 protected:
  // Frames of [begin, end); marked: that first, and every `each`-th after it.
  static FrameRange RangeOf(const Whole& whole, size_t begin, size_t end, size_t each = 7) {
    FrameRange range{.begin = static_cast<int64_t>(begin),
                     .end = static_cast<int64_t>(end),
                     .times = whole.times,
                     .seeks = true};
    for (size_t i = begin; i < end; i += each) range.marks.push_back(whole.marks[i]);
    return range;
  }
  static Result<std::vector<std::string>> Read(const std::filesystem::path& path, const FrameRange& range) {
    CROSSFACE_ASSIGN_OR_RETURN(const auto reader, OpenRange(path, {}, range));
    std::vector<std::string> frames;
    while (true) {
      CROSSFACE_ASSIGN_OR_RETURN(const std::optional<Frame> frame, reader->Next());
      if (!frame) break;
      frames.push_back(AsText(*frame));
    }
    CROSSFACE_RETURN_IF_ERROR(reader->damage());
    return frames;
  }
};

TEST_F(RangeReaderTest, RealFilmsGiveTheFramesOfTheWholeOrNone) {
  CROSSFACE_NEEDS_SHARED("data/videos/friends_table.mp4");
  const std::filesystem::path videos = testing::SharedFolder() / "data/videos";
  std::minstd_rand random(5);
  for (const std::string name : {"friends_table.mp4", "chaplin.mp4", "asl_book.mkv", "grid_bbaf2n.mpg",
                                 "pf_face_noface.mov", "hamilton_short.mp4"}) {
    const std::filesystem::path path = videos / name;
    const Whole whole = ReadWhole(path);
    int read = 0;
    for (int i = 0; i < 6; ++i) {
      const size_t begin = random() % whole.frames.size();
      const size_t end = begin + 1 + random() % std::min<size_t>(60, whole.frames.size() - begin);
      FrameRange range = RangeOf(whole, begin, end);
      const auto frames = Read(path, range);
      if (!frames.ok()) {
        EXPECT_EQ(frames.status().code(), StatusCode::kMismatch) << frames.status().message();
        range.seeks = false;
      }
      read += frames.ok();
      const auto from_the_begin = frames.ok() ? frames : Read(path, range);
      ASSERT_TRUE(from_the_begin.ok()) << from_the_begin.status().message();
      EXPECT_EQ(*from_the_begin,
                std::vector<std::string>(whole.frames.begin() + static_cast<ptrdiff_t>(begin),
                                         whole.frames.begin() + static_cast<ptrdiff_t>(end)))
          << name;
    }
    EXPECT_GT(read, 0) << name;
  }
}

TEST_F(RangeReaderTest, OtherPixelsTimesAndEndsAreTold) {
  const auto film = Make("film.mp4", "-f lavfi -i testsrc=d=8:s=160x120:r=25 -c:v libx264 -bf 2 -g 20");
  const Whole whole = ReadWhole(film);
  const FrameRange sound = RangeOf(whole, 120, 180);
  ASSERT_TRUE(Read(film, sound).ok());
  FrameRange pixels = sound, pts = sound, duration = sound, longer = sound, later = sound, base = sound;
  pixels.marks[3].digest ^= 1;
  ++pts.marks[2].pts;
  ++duration.marks[1].duration_us;
  longer.end = static_cast<int64_t>(whole.frames.size()) + 1;
  later.marks[0].pts = 1 << 30;
  base.times.tick_den *= 2;
  for (const FrameRange& wrong : {pixels, pts, duration, longer, later, base}) {
    const auto read = Read(film, wrong);
    EXPECT_EQ(read.status().code(), StatusCode::kMismatch);
    EXPECT_THAT(read.status().message(), HasSubstr("film.mp4"));
  }
  FrameRange unmarked = sound;
  unmarked.marks.clear();
  EXPECT_EQ(Read(film, unmarked).status().code(), StatusCode::kMismatch);
  unmarked.seeks = false;
  EXPECT_EQ(Read(film, unmarked)->size(), 60u);
}

// One that looks the same to whoever does not look closely.
TEST_F(RangeReaderTest, AnotherFilmIsNotTakenForIt) {
  const auto film = Make("film.mp4", "-f lavfi -i testsrc=d=6:s=160x120:r=25 -c:v libx264 -g 20 -crf 20");
  const auto other = Make("other.mp4", "-f lavfi -i testsrc=d=6:s=160x120:r=25 -c:v libx264 -g 20 -crf 24");
  EXPECT_EQ(Read(other, RangeOf(ReadWhole(film), 80, 120)).status().code(), StatusCode::kMismatch);
}

// What colours mean is said in the middle of the film alone, and the decoder remembers it: its end looks
// otherwise to whoever has not read the middle, pixel by pixel the same as it is.
TEST_F(RangeReaderTest, ColoursThatADecoderRemembersAreToldToo) {
  const std::string source = "-f lavfi -i testsrc=d=4:s=160x120:r=25 -c:v libx264 -g 25 -bf 2 ";
  Make("a.mp4", source);
  Make("b.mp4", source + "-x264-params colormatrix=bt709:colorprim=bt709:transfer=bt709");
  Make("c.mp4", source + "-crf 20");
  ASSERT_TRUE(WriteFileAtomically(File("list"), "file a.mp4\nfile b.mp4\nfile c.mp4\n").ok());
  const auto film = Make("film.mp4", fmt::format("-f concat -safe 0 -i '{}' -c copy", File("list").string()));
  const Whole whole = ReadWhole(film);
  ASSERT_EQ(whole.frames.size(), 300u);
  FrameRange end = RangeOf(whole, 270, 290);
  EXPECT_EQ(Read(film, end).status().code(), StatusCode::kMismatch);
  end.seeks = false;
  EXPECT_EQ(Read(film, end)->size(), 20u);
  EXPECT_TRUE(Read(film, RangeOf(whole, 60, 90)).ok()) << "before, all is as its file says";
}

TEST_F(RangeReaderTest, ADigestIsOfPixelsAndNotOfWhatStandsBetweenThem) {
  // Widths that decoders pad, and pixels of several kinds.
  for (const std::string format : {"yuv420p", "yuv444p", "yuv420p10le", "gray"}) {
    const auto film =
        Make("odd_" + format + ".mkv", "-f lavfi -i testsrc=d=1:s=66x50:r=10 -c:v ffv1 -pix_fmt " + format);
    const Whole once = ReadWhole(film), again = ReadWhole(film);
    EXPECT_EQ(once.marks, again.marks);
    EXPECT_NE(once.marks[0].digest, once.marks[9].digest);
  }
}

}  // namespace
}  // namespace crossface
