#include "crossface/media/frame_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "crossface/media/orientation.h"
#include "crossface/media/read_all_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using testing::RunCommand;
using testing::ScratchFolder;

fs::path Odd(const std::string& name) { return testing::SharedFolder() / "data/media_odd" / name; }
fs::path Video(const std::string& name) { return testing::SharedFolder() / "data/videos" / name; }

struct Expected {
  const char* file;
  StatusCode opens;
  int frames = 0, width = 0, height = 0, rotation = 0;
  const char* codec = "";
  bool damaged = false;
};

// Frames as `ffprobe -count_frames` counts them, sizes after rotation.
constexpr Expected kOddFiles[] = {
    {"av1.mp4", StatusCode::kOk, 375, 960, 540, 0, "av1"},
    {"bad_video_sample.mp4", StatusCode::kOk, 15, 50, 50, 0, "mpeg4"},
    {"canon_mjpeg.avi", StatusCode::kOk, 78, 640, 480, 0, "mjpeg"},
    {"corrupt_exiv2_poc1.mov", StatusCode::kCorrupt},
    {"corrupt_exiv2_poc2.mp4", StatusCode::kCorrupt},
    {"corrupt_exiv2_poc3.mp4", StatusCode::kCorrupt},
    {"exiv2_640x360.mov", StatusCode::kOk, 400, 640, 360, 0, "h264"},
    {"exiv2_flame.avi", StatusCode::kOk, 110, 256, 240, 0, "indeo4"},
    {"exiv2_small.mp4", StatusCode::kOk, 20, 216, 384, 0, "hevc"},
    {"failing_audio.mp4", StatusCode::kOk, 280, 640, 360, 0, "h264"},
    {"gps_mp4.mp4", StatusCode::kOk, 3, 1920, 1080, 0, "h264"},
    {"gps_quicktime.mov", StatusCode::kOk, 120, 320, 568, 90, "h264"},
    {"hevc_livephoto.mov", StatusCode::kOk, 35, 720, 1280, 90, "hevc"},
    {"issue515.mp4", StatusCode::kOk, 109, 1280, 720, 0, "h264"},
    {"itunes.mov", StatusCode::kOk, 855, 640, 480, 0, "mpeg4"},
    {"kodak.avi", StatusCode::kOk, 41, 320, 240, 0, "mjpeg"},
    {"made_audio_only.mp4", StatusCode::kNoVideo},
    {"made_av1.mp4", StatusCode::kOk, 109, 640, 480, 0, "av1"},
    {"made_bitflips.mp4", StatusCode::kOk, 108, 640, 480, 0, "h264", true},
    {"made_empty.mp4", StatusCode::kCorrupt},
    {"made_gps_creation.mp4", StatusCode::kOk, 109, 640, 480, 0, "h264"},
    {"made_hevc10.mp4", StatusCode::kOk, 109, 640, 480, 0, "hevc"},
    {"made_mjpeg.avi", StatusCode::kOk, 109, 640, 480, 0, "mjpeg"},
    {"made_ok.mp4", StatusCode::kOk, 109, 640, 480, 0, "h264"},
    {"made_one_frame.mp4", StatusCode::kOk, 1, 640, 480, 0, "h264"},
    {"made_prores.mov", StatusCode::kOk, 109, 320, 240, 0, "prores"},
    {"made_rotate90.mp4", StatusCode::kOk, 109, 480, 640, 90, "h264"},
    {"made_text.mp4", StatusCode::kCorrupt},
    {"made_truncated_faststart.mp4", StatusCode::kOk, 57, 640, 480, 0, "h264", true},
    {"made_truncated_nomoov.mp4", StatusCode::kCorrupt},
    {"made_vfr.mp4", StatusCode::kOk, 61, 640, 480, 0, "h264"},
    {"made_vp9.webm", StatusCode::kOk, 109, 640, 480, 0, "vp9"},
    {"mjpeg_quicktime.mov", StatusCode::kCorrupt},  // its frames are in another file, which is not there
    {"mp42_hvc1_name.mp4", StatusCode::kOk, 31, 464, 848, 0, "h264"},
    {"sample.3gp", StatusCode::kOk, 74, 176, 144, 0, "mpeg4"},
    {"tenbit.mp4", StatusCode::kOk, 3, 640, 360, 0, "h264"},
    {"uuid540.mp4", StatusCode::kOk, 31, 960, 540, 0, "h264"},
    {"vp9_bad_container.mkv", StatusCode::kOk, 150, 480, 270, 0, "theora"},
    {"vp_sample.webm", StatusCode::kOk, 150, 480, 270, 0, "vp9"},
    {"xmp480qt.mov", StatusCode::kOk, 30, 640, 360, 0, "h264"},
};

TEST(FrameReader, ReadsEveryOddFileAsExpected) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  for (const Expected& expected : kOddFiles) {
    SCOPED_TRACE(expected.file);
    const ReadSource read = ReadAll(Odd(expected.file));
    EXPECT_EQ(read.opened.code(), expected.opens) << read.opened.message();
    if (!read.opened.ok()) {
      EXPECT_NE(read.opened.message().find(expected.file), std::string::npos) << read.opened.message();
      continue;
    }
    EXPECT_EQ(static_cast<int>(read.pts.size()), expected.frames);
    EXPECT_EQ(cv::Size(read.info.width, read.info.height), cv::Size(expected.width, expected.height));
    EXPECT_EQ(read.info.rotation, expected.rotation);
    EXPECT_EQ(read.info.codec, expected.codec);
    EXPECT_TRUE(read.ended.ok()) << read.ended.message();
    EXPECT_EQ(!read.damage.ok(), expected.damaged) << read.damage.message();
    EXPECT_TRUE(std::is_sorted(read.time_us.begin(), read.time_us.end()));
    EXPECT_EQ(read.info.bytes, static_cast<int64_t>(fs::file_size(Odd(expected.file))));
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(Odd("")), fs::directory_iterator()), std::ssize(kOddFiles));
}

TEST(FrameReader, OpensEveryRealVideo) {
  CROSSFACE_NEEDS_SHARED("data/videos");
  int videos = 0;
  for (const auto& entry : fs::directory_iterator(Video(""))) {
    const auto reader = OpenSource(entry.path());
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    const auto frame = (*reader)->Next();
    ASSERT_TRUE(frame.ok() && *frame) << entry.path();
    EXPECT_EQ((*frame)->time_us, 0) << entry.path();
    EXPECT_EQ((*frame)->index, 0) << entry.path();
    ++videos;
  }
  EXPECT_EQ(videos, 35);
}

std::vector<int64_t> PtsByFfprobe(const fs::path& path, const fs::path& scratch) {
  const fs::path list = scratch / "pts.txt";
  EXPECT_EQ(RunCommand(fmt::format(
                "ffprobe -v quiet -select_streams V:0 -show_entries frame=best_effort_timestamp -of "
                "default=nk=1:nw=1 '{}' > '{}'",
                path.string(), list.string())),
            0);
  std::vector<int64_t> pts;
  std::ifstream lines(list);
  for (int64_t value = 0; lines >> value;) pts.push_back(value);
  return pts;
}

TEST(FrameReader, TimesAreTheTimeStampsOfFfprobe) {
  CROSSFACE_NEEDS_SHARED("data/videos");
  ScratchFolder scratch;
  const fs::path files[] = {Video("friends_table.mp4"), Video("hamilton_short.mp4"), Video("asl_again.mkv"),
                            Video("grid_bbaf2n.mpg"),   Video("pf_no_face.mp4"),     Odd("made_vfr.mp4"),
                            Odd("gps_quicktime.mov"),   Odd("vp_sample.webm"),       Odd("kodak.avi")};
  for (const fs::path& file : files) {
    SCOPED_TRACE(file.string());
    const std::vector<int64_t> expected = PtsByFfprobe(file, scratch.path());
    const ReadSource read = ReadAll(file);
    ASSERT_FALSE(expected.empty());
    EXPECT_EQ(read.pts, expected);
    for (size_t i = 0; i < std::min(read.pts.size(), expected.size()); ++i) {
      const double seconds =
          static_cast<double>(expected[i] - expected[0]) * read.info.time_base_num / read.info.time_base_den;
      EXPECT_NEAR(static_cast<double>(read.time_us[i]), seconds * 1e6, 0.51) << "frame " << i;
    }
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
  }
}

// These two start at 1.704 s and 0.852 s of their container.
TEST(FrameReader, CountsTimeFromTheFirstPicture) {
  CROSSFACE_NEEDS_SHARED("data/videos");
  for (const auto& [name, first_pts] :
       {std::pair("friends_table.mp4", 40896), std::pair("hamilton_short.mp4", 10214)}) {
    auto reader = OpenSource(Video(name));
    ASSERT_TRUE(reader.ok());
    const auto first = (*reader)->Next();
    ASSERT_TRUE(first.ok() && *first);
    EXPECT_EQ((*first)->pts, first_pts);
    EXPECT_EQ((*first)->time_ms(), 0);
  }
}

// What `ffmpeg` makes of the first frames, upright, as BGR.
std::vector<cv::Mat> FramesByFfmpeg(const fs::path& path, const std::string& filter, cv::Size size, int count,
                                    const fs::path& scratch) {
  const fs::path raw = scratch / "raw.bgr";
  EXPECT_EQ(
      RunCommand(fmt::format(
          "ffmpeg -v quiet -y -i '{}' -map 0:V:0 -vsync passthrough -frames:v {} {} -f rawvideo -pix_fmt "
          "bgr24 '{}'",
          path.string(), count, filter, raw.string())),
      0);
  const auto bytes = ReadFile(raw);
  std::vector<cv::Mat> frames;
  const size_t each = static_cast<size_t>(size.area()) * 3;
  for (size_t at = 0; bytes.ok() && at + each <= bytes->size(); at += each) {
    frames.push_back(cv::Mat(size, CV_8UC3, const_cast<char*>(bytes->data()) + at).clone());
  }
  return frames;
}

TEST(FrameReader, PixelsAreThoseOfFfmpeg) {
  CROSSFACE_NEEDS_SHARED("data/videos");
  ScratchFolder scratch;
  // An unnamed matrix is BT.709 for us from 720 lines on, BT.601 for ffmpeg: there it has to be told.
  const std::pair<fs::path, std::string> files[] = {{Odd("made_ok.mp4"), ""},
                                                    {Odd("made_rotate90.mp4"), ""},
                                                    {Odd("gps_quicktime.mov"), ""},
                                                    {Odd("hevc_livephoto.mov"), ""},
                                                    {Odd("made_hevc10.mp4"), ""},
                                                    {Odd("made_prores.mov"), ""},
                                                    {Odd("canon_mjpeg.avi"), ""},
                                                    {Odd("exiv2_flame.avi"), ""},
                                                    {Odd("av1.mp4"), ""},
                                                    {Odd("bad_video_sample.mp4"), ""},
                                                    {Odd("xmp480qt.mov"), ""},
                                                    {Odd("exiv2_small.mp4"), ""},
                                                    {Odd("gps_mp4.mp4"), "-vf scale=in_color_matrix=bt709"},
                                                    {Video("friends_table.mp4"), ""},
                                                    {Video("grid_bbaf2n.mpg"), ""},
                                                    {Video("ls_demo1.mp4"), ""}};
  for (const auto& [file, filter] : files) {
    SCOPED_TRACE(file.string());
    auto reader = OpenSource(file);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    const cv::Size size((*reader)->info().width, (*reader)->info().height);
    const std::vector<cv::Mat> expected = FramesByFfmpeg(file, filter, size, 3, scratch.path());
    ASSERT_EQ(expected.size(), 3u);
    for (const cv::Mat& other : expected) {
      const auto frame = (*reader)->Next();
      ASSERT_TRUE(frame.ok() && *frame);
      const auto bgr = (*frame)->picture->Bgr();
      ASSERT_TRUE(bgr.ok()) << bgr.status().message();
      ASSERT_EQ(bgr->size(), size);
      EXPECT_GT(Psnr(*bgr, other), 45);
      const auto luma = (*frame)->picture->Luma(std::max(size.width, size.height));
      ASSERT_TRUE(luma.ok());
      cv::Mat grey;
      cv::cvtColor(*bgr, grey, cv::COLOR_BGR2GRAY);
      // Luma is of the picture as stored; means do not depend on the rotation, and OpenCV weighs colours as
      // BT.601.
      EXPECT_NEAR(cv::mean(*luma)[0], cv::mean(grey)[0], 4);
    }
  }
}

class GeneratedVideoTest : public ::testing::Test {
 protected:
  fs::path File(const std::string& name) const { return scratch_.path() / name; }
  // Makes a file with ffmpeg out of its own test pictures.
  fs::path Make(const std::string& name, const std::string& arguments) const {
    EXPECT_EQ(RunCommand(fmt::format("ffmpeg -v error -y {} '{}'", arguments, File(name).string())), 0);
    return File(name);
  }
  ScratchFolder scratch_;
};

TEST_F(GeneratedVideoTest, SizesThatDoNotFitVectorCodeAreWhole) {
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(3, 2), std::pair(13, 17), std::pair(24, 16),
                                      std::pair(40, 22), std::pair(50, 34), std::pair(321, 179)}) {
    for (const char* format : {"yuv444p", "yuv420p"}) {
      SCOPED_TRACE(fmt::format("{}x{} {}", width, height, format));
      const fs::path file =
          Make("size.mkv", fmt::format("-f lavfi -i testsrc2=s=320x240:r=5:d=0.4 -vf scale={}:{} -pix_fmt {} "
                                       "-c:v ffv1",
                                       width, height, format));
      const ReadSource read = ReadAll(file);
      ASSERT_TRUE(read.opened.ok()) << read.opened.message();
      EXPECT_EQ(read.pts.size(), 2u);
      const auto expected = FramesByFfmpeg(file, "", {width, height}, 1, scratch_.path());
      ASSERT_EQ(expected.size(), 1u);
      const cv::Mat first = FirstBgr(file);
      ASSERT_EQ(first.size(), cv::Size(width, height));
      EXPECT_GT(Psnr(first, expected[0]), 45);
    }
  }
}

TEST_F(GeneratedVideoTest, EveryPixelFormatIsConverted) {
  for (const char* format :
       {"yuv420p", "yuvj444p", "yuv422p10le", "yuv420p12le", "gray", "gray16le", "bgr0", "gbrp", "bgra"}) {
    SCOPED_TRACE(format);
    const std::string codec = std::string(format) == "yuvj444p" ? "mjpeg -q:v 2" : "ffv1";
    const fs::path file =
        Make("format.mkv",
             fmt::format("-f lavfi -i testsrc2=s=160x120:r=5:d=0.2 -pix_fmt {} -c:v {}", format, codec));
    auto reader = OpenSource(file);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    const auto frame = (*reader)->Next();
    ASSERT_TRUE(frame.ok() && *frame);
    const auto expected = FramesByFfmpeg(file, "", {160, 120}, 1, scratch_.path());
    ASSERT_EQ(expected.size(), 1u);
    const auto bgr = (*frame)->picture->Bgr();
    ASSERT_TRUE(bgr.ok()) << bgr.status().message();
    EXPECT_GT(Psnr(*bgr, expected[0]), 45);
    const auto luma = (*frame)->picture->Luma(160);
    ASSERT_TRUE(luma.ok()) << luma.status().message();
    cv::Mat grey;
    cv::cvtColor(expected[0], grey, cv::COLOR_BGR2GRAY);
    EXPECT_GT(Psnr(*luma, grey), 28);
  }
}

TEST_F(GeneratedVideoTest, LumaSpansTheFullRangeAndIsNeverEnlarged) {
  const fs::path file =
      Make("range.mkv",
           "-f lavfi -i color=black:s=64x32:r=5:d=0.2 -f lavfi -i color=white:s=64x32:r=5:d=0.2 "
           "-filter_complex hstack -pix_fmt yuv420p -c:v ffv1");
  auto reader = OpenSource(file);
  ASSERT_TRUE(reader.ok());
  const auto frame = (*reader)->Next();
  ASSERT_TRUE(frame.ok() && *frame);
  const cv::Mat luma = *(*frame)->picture->Luma(32);
  ASSERT_EQ(luma.size(), cv::Size(32, 8));
  EXPECT_EQ(luma.at<uint8_t>(4, 4), 0);
  EXPECT_EQ(luma.at<uint8_t>(4, 28), 255);
  EXPECT_EQ((*frame)->picture->Luma(1000)->size(), cv::Size(128, 32));
  EXPECT_THROW((void)(*frame)->picture->Luma(0), std::logic_error);
}

TEST_F(GeneratedVideoTest, EveryQuarterTurnIsApplied) {
  Make("plain.mp4", "-f lavfi -i testsrc2=s=96x64:r=5:d=0.4 -pix_fmt yuv420p -c:v libx264");
  const cv::Mat plain = FirstBgr(File("plain.mp4"));
  ASSERT_FALSE(plain.empty());
  std::vector<int> turns;
  for (int tag : {90, 180, 270}) {
    SCOPED_TRACE(tag);
    const fs::path file = Make("turned.mp4", fmt::format("-i '{}' -c copy -metadata:s:v rotate={}",
                                                         File("plain.mp4").string(), tag));
    const int rotation = ReadAll(file).info.rotation;
    turns.push_back(rotation);
    const cv::Mat turned = FirstBgr(file);
    EXPECT_EQ(Psnr(turned, TurnUpright(plain, {rotation, false})), 100);
    const auto by_ffmpeg = FramesByFfmpeg(file, "", turned.size(), 1, scratch_.path());
    ASSERT_EQ(by_ffmpeg.size(), 1u);
    EXPECT_GT(Psnr(turned, by_ffmpeg[0]), 35);  // ffmpeg turns before it converts: colours at edges differ
  }
  std::sort(turns.begin(), turns.end());
  EXPECT_EQ(turns, (std::vector<int>{90, 180, 270}));
}

TEST_F(GeneratedVideoTest, VariableFrameRateKeepsItsTimes) {
  const fs::path file =
      Make("vfr.mkv",
           "-f lavfi -i testsrc2=s=64x48:r=10:d=2 -vf \"select='not(between(n,3,12))'\" -vsync vfr "
           "-c:v ffv1");
  const ReadSource read = ReadAll(file);
  EXPECT_EQ(read.time_us, (std::vector<int64_t>{0, 100000, 200000, 1300000, 1400000, 1500000, 1600000,
                                                1700000, 1800000, 1900000}));
}

TEST_F(GeneratedVideoTest, StreamsWithoutTimeStampsAreCountedAtTheirRate) {
  const fs::path file =
      Make("raw.h264", "-f lavfi -i testsrc2=s=64x48:r=25:d=1 -pix_fmt yuv420p -c:v libx264 -bf 2");
  const ReadSource read = ReadAll(file);
  ASSERT_EQ(read.time_us.size(), 25u) << read.opened.message();
  for (size_t i = 0; i < read.time_us.size(); ++i)
    EXPECT_NEAR(static_cast<double>(read.time_us[i]), 40000.0 * static_cast<double>(i), 2) << i;
}

TEST_F(GeneratedVideoTest, AChangeOfSizeKeepsTheFirstOnesCoordinates) {
  Make("large.h264", "-f lavfi -i color=red:s=160x120:r=25:d=0.4 -pix_fmt yuv420p -c:v libx264");
  Make("small.h264", "-f lavfi -i color=blue:s=80x60:r=25:d=0.4 -pix_fmt yuv420p -c:v libx264");
  ASSERT_EQ(
      RunCommand(fmt::format(
          "cd '{}' && cat large.h264 small.h264 > up_down.h264 && cat small.h264 large.h264 > growing.h264",
          scratch_.path().string())),
      0);
  auto reader = OpenSource(File("up_down.h264"));
  ASSERT_TRUE(reader.ok());
  cv::Mat last;
  int frames = 0;
  for (auto frame = (*reader)->Next(); frame.ok() && *frame; frame = (*reader)->Next(), ++frames) {
    last = *(*frame)->picture->Bgr();
    ASSERT_EQ(last.size(), cv::Size(160, 120));
    ASSERT_EQ((*frame)->picture->Luma(40)->size(), cv::Size(40, 30));
  }
  EXPECT_EQ(frames, 20);
  EXPECT_GT(last.at<cv::Vec3b>(100, 150)[0], 200) << "the small picture fills the whole frame";

  const ReadSource refused = ReadAll(File("growing.h264"), {.max_pixels = 100 * 100});
  EXPECT_TRUE(refused.opened.ok()) << refused.opened.message();
  EXPECT_EQ(refused.pts.size(), 10u);
  EXPECT_TRUE(refused.ended.ok()) << refused.ended.message();
  EXPECT_NE(refused.damage.message().find("packets could not be decoded"), std::string::npos)
      << refused.damage.message();
}

TEST_F(GeneratedVideoTest, CoverArtIsNoVideo) {
  Make("cover.jpg", "-f lavfi -i testsrc2=s=64x64:d=1 -frames:v 1");
  const fs::path song =
      Make("song.mp3",
           fmt::format("-f lavfi -i sine=d=1 -i '{}' -map 0 -map 1 -c:v copy -disposition:v attached_pic",
                       File("cover.jpg").string()));
  EXPECT_EQ(OpenSource(song).status().code(), StatusCode::kNoVideo);
}

TEST(FrameReader, ThreadsChangeNothing) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  for (const char* name : {"made_ok.mp4", "made_hevc10.mp4", "made_av1.mp4"}) {
    const ReadSource one = ReadAll(Odd(name), {.decoder_threads = 1}, true),
                     four = ReadAll(Odd(name), {.decoder_threads = 4}, true);
    ASSERT_FALSE(one.hashes.empty());
    EXPECT_EQ(one.hashes, four.hashes) << name;
    EXPECT_EQ(one.pts, four.pts) << name;
    EXPECT_EQ(one.damage.message(), four.damage.message()) << name;
  }
}

TEST(FrameReader, ADamagedFileReadsTheSameEveryTime) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  const ReadSource first = ReadAll(Odd("made_bitflips.mp4"), {}, true),
                   again = ReadAll(Odd("made_bitflips.mp4"), {}, true);
  EXPECT_EQ(first.hashes.size(), 108u);
  EXPECT_EQ(first.hashes, again.hashes);
  EXPECT_EQ(first.damage.message(), again.damage.message());
}

TEST(FrameReader, FramesOutliveTheirReaderAndGoToOtherThreads) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  std::vector<Frame> frames;
  {
    auto reader = OpenSource(Odd("made_ok.mp4"));
    ASSERT_TRUE(reader.ok());
    for (auto frame = (*reader)->Next(); frame.ok() && *frame; frame = (*reader)->Next())
      frames.push_back(**frame);
  }
  const std::vector<std::string> expected = ReadAll(Odd("made_ok.mp4"), {}, true).hashes;
  ASSERT_EQ(frames.size(), expected.size());
  std::vector<std::string> hashes(frames.size());
  {
    std::vector<std::jthread> threads;
    for (size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (size_t i = t; i < frames.size(); i += 4) hashes[i] = HashOf(*frames[i].picture->Bgr());
      });
    }
  }
  EXPECT_EQ(hashes, expected);
}

TEST(FrameReader, StopsWhenAskedTo) {
  CROSSFACE_NEEDS_SHARED("data/media_odd");
  for (int allowed : {0, 1, 5, 40}) {
    int asked = 0;
    const ReadSource read = ReadAll(Odd("made_ok.mp4"), {.keep_going = [&] { return asked++ < allowed; }});
    EXPECT_EQ((read.opened.ok() ? read.ended : read.opened).code(), StatusCode::kInterrupted) << allowed;
  }
}

}  // namespace
}  // namespace crossface
