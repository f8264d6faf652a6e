// Reading videos that ffmpeg makes for the occasion: odd sizes, pixel formats, rotations, time stamps.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <opencv2/imgproc.hpp>

#include "crossface/media/file/orientation.h"
#include "crossface/media/read/frame_reader.h"
#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using testing::RunCommand;
using testing::ScratchFolder;

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
          Make("size.mkv",
               fmt::format("-f lavfi -i testsrc2=s=320x240:r=5:d=0.4 -vf scale={}:{},setsar=1 -pix_fmt {} "
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

TEST_F(GeneratedVideoTest, APictureThatGrewPastWhatIsAllowedIsPassedOver) {
  Make("large.h264", "-f lavfi -i color=red:s=160x120:r=25:d=0.4 -pix_fmt yuv420p -c:v libx264");
  Make("small.h264", "-f lavfi -i color=blue:s=80x60:r=25:d=0.4 -pix_fmt yuv420p -c:v libx264");
  ASSERT_EQ(RunCommand(
                fmt::format("cd '{}' && cat small.h264 large.h264 > growing.h264", scratch_.path().string())),
            0);
  const ReadSource refused = ReadAll(File("growing.h264"), {.max_pixels = 10'000});
  EXPECT_TRUE(refused.opened.ok()) << refused.opened.message();
  EXPECT_EQ(refused.pts.size(), 10u);
  EXPECT_TRUE(refused.ended.ok()) << refused.ended.message();
  EXPECT_NE(refused.damage.message().find("packets could not be decoded"), std::string::npos)
      << refused.damage.message();
}

// What a camera sends over HTTP, a saved stream of one, recorders' own containers; by no name that tells.
TEST_F(GeneratedVideoTest, WhatCamerasAndRecordersWriteIsFoundByItsContent) {
  const std::string pictures = "-f lavfi -i testsrc2=s=640x480:r=25:d=1 ";
  Make("mpjpeg.bin", pictures + "-c:v mjpeg -f mpjpeg");
  Make("dnxhr.bin", pictures + "-c:v dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p -f dnxhd");
  const auto behind = [](const std::string& head, const fs::path& rest) {
    EXPECT_TRUE(WriteFileAtomically(rest, head + *ReadFile(rest)).ok());
  };
  behind(std::string("IMKH\1\1\0\0", 8) + std::string(32, '\0'),
         Make("hikvision.bin", pictures + "-c:v libx264 -f mpeg"));
  behind("HXVS    HXVF    ", Make("xiongmai.bin", pictures + "-c:v libx264 -f h264"));
  const auto found = FindSources({scratch_.path()}, {});
  ASSERT_TRUE(found.ok()) << found.status().message();
  EXPECT_EQ(found->files.size(), 4u);
  for (const SourceFile& file : found->files) {
    const ReadSource read = ReadAll(file.path);
    EXPECT_TRUE(read.opened.ok()) << read.opened.message();
    EXPECT_EQ(read.pts.size(), 25u) << file.path;
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
  }
}

TEST_F(GeneratedVideoTest, CoverArtIsNoVideo) {
  Make("cover.jpg", "-f lavfi -i testsrc2=s=64x64:d=1 -frames:v 1");
  const fs::path song =
      Make("song.mp3",
           fmt::format("-f lavfi -i sine=d=1 -i '{}' -map 0 -map 1 -c:v copy -disposition:v attached_pic",
                       File("cover.jpg").string()));
  EXPECT_EQ(OpenSource(song).status().code(), StatusCode::kNoVideo);
}

}  // namespace
}  // namespace crossface
