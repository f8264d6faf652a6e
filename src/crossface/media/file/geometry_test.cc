#include "crossface/media/file/geometry.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

TEST(Geometry, AspectsAreReadAsPlayersTakeThem) {
  EXPECT_EQ(*ParseAspect("16:9"), (Aspect{16, 9}));
  EXPECT_EQ(*ParseAspect("4/3"), (Aspect{4, 3}));
  EXPECT_EQ(*ParseAspect("720:576"), (Aspect{5, 4}));
  EXPECT_EQ(*ParseAspect("1.85"), (Aspect{37, 20}));
  EXPECT_EQ(*ParseAspect("2.39:1"), (Aspect{239, 100}));
  for (const char* wrong : {"", ":", "16:", ":9", "16:0", "-4:3", "16x9", "16:9:1", "nan", "inf:1", "1e9:1"})
    EXPECT_EQ(ParseAspect(wrong).status().code(), StatusCode::kInvalidArgument) << wrong;
}

TEST(Geometry, NonsenseIsNoPixelAspectAndNearlySquareIsSquare) {
  EXPECT_FALSE(MakeAspect(0, 1));
  EXPECT_FALSE(MakeAspect(1, 0));
  EXPECT_FALSE(MakeAspect(-4, 3));
  EXPECT_TRUE(IsPlausiblePixelAspect({8, 1}));
  EXPECT_TRUE(IsPlausiblePixelAspect({1, 8}));
  EXPECT_TRUE(IsPlausiblePixelAspect({12, 11}));
  EXPECT_FALSE(IsPlausiblePixelAspect({9, 1}));
  EXPECT_FALSE(IsPlausiblePixelAspect({1, 9}));
  EXPECT_FALSE(IsPlausiblePixelAspect({1350, 1351}));
  const auto large = MakeAspect(int64_t{1} << 62, (int64_t{1} << 61) + 1);
  ASSERT_TRUE(large);
  EXPECT_NEAR(large->ratio(), 2, 1e-6);
}

TEST(Geometry, NoSideLosesPixels) {
  EXPECT_EQ(SquarePixelSize({352, 576}, {2, 1}), cv::Size(704, 576));
  EXPECT_EQ(SquarePixelSize({704, 288}, {1, 2}), cv::Size(704, 576));
  EXPECT_EQ(SquarePixelSize({720, 576}, {16, 15}), cv::Size(768, 576));
  EXPECT_EQ(SquarePixelSize({640, 480}, {1, 1}), cv::Size(640, 480));
  EXPECT_EQ(SquarePixelSize({1, 1}, {1, 8}), cv::Size(1, 8));
}

TEST(Geometry, ThePictureAspectIsThatOfTheUprightPicture) {
  EXPECT_EQ(PixelAspectFor({720, 576}, {0, false}, {16, 9}), (Aspect{64, 45}));
  EXPECT_EQ(PixelAspectFor({640, 480}, {90, false}, {3, 4}), (Aspect{1, 1}));
  EXPECT_EQ(PixelAspectFor({320, 480}, {270, true}, {3, 4}), (Aspect{2, 1}));
}

TEST(Geometry, IsToldInWordsWithWhoSaidSo) {
  SourceInfo info;
  EXPECT_EQ(GeometryText(info), "");
  info.mirrored = true;
  info.turn_from = GeometryFrom::kFile;
  EXPECT_EQ(GeometryText(info), "mirrored (file)");
  info.mirrored = false;
  info.rotation = 90;
  info.pixel_aspect = {12, 11};
  info.aspect_from = GeometryFrom::kGiven;
  EXPECT_EQ(GeometryText(info), "rotated 90 (file); pixel aspect 12:11 (given)");
  for (const auto from :
       {GeometryFrom::kNobody, GeometryFrom::kFile, GeometryFrom::kGiven, GeometryFrom::kFound})
    EXPECT_EQ(ParseGeometryFrom(GeometryFromName(from)), from);
}

class GeometryOfFiles : public ::testing::Test {
 protected:
  std::filesystem::path Make(const std::string& name, const std::string& arguments) const {
    const auto file = scratch_.path() / name;
    EXPECT_EQ(testing::RunCommand(fmt::format("ffmpeg -v error -y {} '{}'", arguments, file.string())), 0);
    return file;
  }
  static SourceInfo InfoOf(const std::filesystem::path& file, const WantedGeometry& wanted = {}) {
    auto reader = OpenSource(file, {.geometry = wanted});
    EXPECT_TRUE(reader.ok()) << reader.status().message();
    return reader.ok() ? (*reader)->info() : SourceInfo();
  }
  static cv::Mat First(const std::filesystem::path& file, const WantedGeometry& wanted) {
    auto reader = OpenSource(file, {.geometry = wanted});
    return *(**(*reader)->Next()).picture->Bgr();
  }
  testing::ScratchFolder scratch_;
};

constexpr char kPictures[] = "-f lavfi -i testsrc2=s=320x240:r=5:d=0.4";

TEST_F(GeometryOfFiles, ASampleAspectRatioIsObeyedInEveryContainer) {
  const cv::Mat square = FirstBgr(Make("square.mkv", fmt::format("{} -c:v ffv1", kPictures)));
  for (const auto& [name, codec] : {std::pair("narrow.mkv", "ffv1"),
                                    {"narrow.mp4", "libx264 -crf 1 -pix_fmt yuv420p"},
                                    {"narrow.ts", "mpeg2video -q:v 1"},
                                    {"narrow.png", "png -frames:v 1"}}) {
    SCOPED_TRACE(name);
    const auto file = Make(name, fmt::format("{} -vf scale=160:240,setsar=2 -c:v {}", kPictures, codec));
    const SourceInfo info = InfoOf(file);
    EXPECT_EQ(cv::Size(info.width, info.height), cv::Size(320, 240));
    EXPECT_EQ(GeometryText(info), "pixel aspect 2:1 (file)");
    const cv::Mat bgr = FirstBgr(file);
    ASSERT_EQ(bgr.size(), square.size());
    // Half of the columns were thrown away: sharp edges differ, places do not.
    cv::Mat a, b;
    cv::resize(bgr, a, {80, 60}, 0, 0, cv::INTER_AREA);
    cv::resize(square, b, {80, 60}, 0, 0, cv::INTER_AREA);
    EXPECT_GT(Psnr(a, b), 24);
  }
}

TEST_F(GeometryOfFiles, PixelsAreMadeSquareBeforeThePictureIsTurned) {
  Make("flat.mp4", fmt::format("{} -vf scale=320:120,setsar=1/2 -c:v libx264 -pix_fmt yuv420p", kPictures));
  const auto file = Make("turned.mp4", fmt::format("-i '{}' -c copy -metadata:s:v rotate=90",
                                                   (scratch_.path() / "flat.mp4").string()));
  const SourceInfo info = InfoOf(file);
  EXPECT_EQ(cv::Size(info.width, info.height), cv::Size(240, 320));
  EXPECT_EQ(GeometryText(info), fmt::format("rotated {} (file); pixel aspect 1:2 (file)", info.rotation));
  EXPECT_EQ(Psnr(FirstBgr(file), TurnUpright(FirstBgr(scratch_.path() / "flat.mp4"), {info.rotation})), 100);
}

TEST_F(GeometryOfFiles, WhatIsGivenGoesBeforeWhatTheFileStates) {
  const auto file = Make("wrong.mkv", fmt::format("{} -vf setsar=3 -c:v ffv1", kPictures));
  EXPECT_EQ(InfoOf(file).width, 960);
  const SourceInfo given = InfoOf(file, {.clockwise = 90, .picture_aspect = Aspect{3, 4}});
  EXPECT_EQ(cv::Size(given.width, given.height), cv::Size(240, 320));
  EXPECT_EQ(GeometryText(given), "rotated 90 (given); pixel aspect 1:1 (given)");
  EXPECT_EQ(First(file, GeometryAsIn(given)).size(), cv::Size(240, 320));
  const auto refused = OpenSource(file, {.geometry = {.picture_aspect = Aspect{100, 1}}});
  EXPECT_EQ(refused.status().code(), StatusCode::kInvalidArgument);
  EXPECT_NE(refused.status().message().find("wrong.mkv"), std::string::npos);
}

TEST_F(GeometryOfFiles, OneThatWasScannedAsStoredIsReadAsStored) {
  const auto file = Make("narrow.mkv", fmt::format("{} -vf scale=160:240,setsar=2 -c:v ffv1", kPictures));
  const SourceInfo before;  // as of a gallery from before sample aspect ratios were obeyed
  EXPECT_EQ(First(file, GeometryAsIn(before)).size(), cv::Size(160, 240));
  EXPECT_EQ(First(file, GeometryAsIn(InfoOf(file))).size(), cv::Size(320, 240));
}

TEST_F(GeometryOfFiles, AnAbsurdAspectIsNotObeyed) {
  const auto file = Make("absurd.mkv", fmt::format("{} -vf setsar=100 -c:v ffv1", kPictures));
  EXPECT_EQ(InfoOf(file).width, 320);
  EXPECT_EQ(GeometryText(InfoOf(file)),
            "pixel aspect 100:1 (file) not obeyed: it would stretch pictures beyond belief");
}

}  // namespace
}  // namespace crossface
