// Still images through OpenSource.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "crossface/media/file/source.h"
#include "crossface/media/read/cut_off_still.h"
#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;

cv::Mat TestPicture() {
  cv::Mat picture(90, 131, CV_8UC3);
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) {
      picture.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<uint8_t>(x), static_cast<uint8_t>(2 * y), static_cast<uint8_t>(x + y));
    }
  }
  cv::circle(picture, {60, 40}, 25, {30, 200, 250}, cv::FILLED);
  return picture;
}

class StillImageTest : public ::testing::Test {
 protected:
  fs::path Save(const std::string& name, const cv::Mat& picture) const {
    EXPECT_TRUE(cv::imwrite((scratch_.path() / name).string(), picture));
    return scratch_.path() / name;
  }
  fs::path Write(const std::string& name, std::string_view bytes) const {
    EXPECT_TRUE(WriteFileAtomically(scratch_.path() / name, bytes).ok());
    return scratch_.path() / name;
  }
  testing::ScratchFolder scratch_;
};

TEST_F(StillImageTest, IsASourceWithOneFrameAtZero) {
  const ReadSource read = ReadAll(Save("a.jpg", TestPicture()));
  ASSERT_TRUE(read.opened.ok()) << read.opened.message();
  EXPECT_EQ(read.time_us, std::vector<int64_t>{0});
  EXPECT_EQ(read.info.duration_ms, 0);
  EXPECT_EQ(read.info.codec, "jpeg");
  EXPECT_EQ(read.info.width, 131);
  EXPECT_EQ(read.info.height, 90);
  EXPECT_TRUE(read.damage.ok()) << read.damage.message();
}

TEST_F(StillImageTest, EveryFormatIsReadByItsContent) {
  const cv::Mat picture = TestPicture();
  for (const auto& [extension, codec, least] :
       {std::tuple("png", "png", 100.0), std::tuple("bmp", "bmp", 100.0), std::tuple("tiff", "tiff", 100.0),
        std::tuple("ppm", "ppm", 100.0), std::tuple("jpg", "jpeg", 33.0), std::tuple("webp", "webp", 30.0),
        std::tuple("jp2", "jpeg2000", 30.0)}) {
    const fs::path saved = Save(std::string("a.") + extension, picture);
    const fs::path misnamed = scratch_.path() / "misnamed.mp4";
    fs::copy_file(saved, misnamed, fs::copy_options::overwrite_existing);
    for (const fs::path& path : {saved, misnamed}) {
      const cv::Mat read = FirstBgr(path);
      ASSERT_EQ(read.size(), picture.size()) << extension << ": " << OpenSource(path).status().message();
      EXPECT_GE(Psnr(read, cv::imread(path.string())), least) << extension;
      EXPECT_EQ((*OpenSource(path))->info().codec, codec);
    }
  }
}

TEST_F(StillImageTest, DepthsAndChannelsAreConverted) {
  cv::Mat grey, wide, alpha;
  cv::cvtColor(TestPicture(), grey, cv::COLOR_BGR2GRAY);
  TestPicture().convertTo(wide, CV_16UC3, 257);
  cv::cvtColor(TestPicture(), alpha, cv::COLOR_BGR2BGRA);
  const fs::path grey_png = Save("grey.png", grey), grey_jpg = Save("grey.jpg", grey);
  EXPECT_GT(Psnr(FirstBgr(grey_png), cv::imread(grey_png.string())), 50);
  EXPECT_GT(Psnr(FirstBgr(grey_jpg), cv::imread(grey_jpg.string())), 45);
  EXPECT_GT(Psnr(FirstBgr(Save("wide.png", wide)), TestPicture()), 45);
  EXPECT_GT(Psnr(FirstBgr(Save("alpha.png", alpha)), TestPicture()), 50);
}

TEST_F(StillImageTest, EveryRealPhotoIsReadAsOpenCvReadsIt) {
  CROSSFACE_NEEDS_SHARED("data/detection");
  int photos = 0;
  for (const auto& entry : fs::recursive_directory_iterator(testing::SharedFolder() / "data/detection")) {
    if (!HasImageExtension(entry.path()) || ++photos % 7 != 0) continue;
    const ReadSource read = ReadAll(entry.path());
    ASSERT_TRUE(read.opened.ok()) << read.opened.message();
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
    const cv::Mat expected = cv::imread(entry.path().string()), picture = FirstBgr(entry.path());
    ASSERT_EQ(picture.size(), expected.size());
    EXPECT_GT(Psnr(picture, expected), 30)
        << entry.path();  // the two libraries interpolate colour differently
  }
  EXPECT_GE(photos, 140);
}

TEST_F(StillImageTest, ACutOffPictureGivesItsUpperPart) {
  cv::Mat picture;
  cv::resize(TestPicture(), picture, {512, 512});
  for (const char* name : {"a.jpg", "a.png"}) {
    const fs::path whole_path = Save(name, picture);
    const std::string whole = *ReadFile(whole_path);
    const cv::Mat expected = FirstBgr(whole_path);
    const fs::path path = Write(std::string("cut_") + name, whole.substr(0, whole.size() * 6 / 10));
    const ReadSource read = ReadAll(path);
    ASSERT_TRUE(read.opened.ok()) << read.opened.message();
    EXPECT_EQ(read.damage.code(), StatusCode::kCorrupt);
    EXPECT_NE(read.damage.message().find("cut off"), std::string::npos) << read.damage.message();
    const cv::Mat cut = FirstBgr(path);
    ASSERT_EQ(cut.size(), expected.size());
    EXPECT_EQ(Psnr(cut.rowRange(0, 128), expected.rowRange(0, 128)), 100) << name;
    EXPECT_LT(Psnr(cut.rowRange(440, 512), expected.rowRange(440, 512)), 30) << name;
  }
}

TEST_F(StillImageTest, CutOffAnywhereIsAPictureOrAClearError) {
  for (const char* name : {"a.jpg", "a.png", "a.webp", "a.tiff", "a.bmp", "a.jp2"}) {
    const std::string whole = *ReadFile(Save(name, TestPicture()));
    EXPECT_TRUE(rc::check(std::string("any length: ") + name, [&] {
      const auto length = *rc::gen::inRange<size_t>(0, whole.size());
      const ReadSource read = ReadAll(Write(name, whole.substr(0, length)), {}, true);
      if (read.opened.ok()) {
        RC_ASSERT(read.hashes.size() == 1u);
        RC_ASSERT(read.conversion_error.empty());
      } else {
        RC_ASSERT(read.opened.code() == StatusCode::kCorrupt);
      }
    }));
  }
}

TEST_F(StillImageTest, OnlyCutOffPngsAreChanged) {
  std::string whole = *ReadFile(Save("a.png", TestPicture()));
  const std::string before = whole;
  EXPECT_FALSE(CloseCutOffPng(whole));
  EXPECT_EQ(whole, before);
  std::string jpeg = *ReadFile(Save("a.jpg", TestPicture()));
  EXPECT_FALSE(CloseCutOffPng(jpeg));
  EXPECT_FALSE(JpegIsCutOff(jpeg));
  EXPECT_TRUE(JpegIsCutOff(jpeg.substr(0, jpeg.size() - 2)));
  std::string header = before.substr(0, 33);
  EXPECT_FALSE(CloseCutOffPng(header)) << "there is no picture data to keep";
  std::string cut = before.substr(0, before.size() - 5);
  EXPECT_TRUE(CloseCutOffPng(cut));
  EXPECT_TRUE(cut.ends_with(std::string_view("IEND\xAE\x42\x60\x82", 8)));
}

TEST_F(StillImageTest, AnAnimationIsAVideo) {
  for (const char* name : {"a.gif", "a.apng"}) {
    ASSERT_EQ(testing::RunCommand(fmt::format("ffmpeg -v error -y -f lavfi -i testsrc2=s=64x48:r=5:d=2 '{}'",
                                              (scratch_.path() / name).string())),
              0);
    const ReadSource read = ReadAll(scratch_.path() / name);
    ASSERT_TRUE(read.opened.ok()) << read.opened.message();
    EXPECT_EQ(read.pts.size(), 10u) << name;
    EXPECT_EQ(read.time_us.back(), 1'800'000) << name;
  }
}

}  // namespace
}  // namespace crossface
