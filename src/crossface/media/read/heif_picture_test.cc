// Pictures of telephones: HEIF and AVIF, made by libheif's own encoder.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "crossface/media/file/heif_file.h"
#include "crossface/media/file/source.h"
#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"
#include "crossface/util/file.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Smooth, in colours that the other order of channels would show, and nowhere symmetric.
cv::Mat TestPicture(int width, int height) {
  cv::Mat picture(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x)
      picture.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<uint8_t>(255 * x / width), static_cast<uint8_t>(255 * y / height), 60);
  }
  cv::circle(picture, {width / 3, height / 4}, height / 6, {30, 200, 250}, cv::FILLED);
  return picture;
}

class HeifPictureTest : public MadeFiles {
 protected:
  fs::path Save(const std::string& name, const cv::Mat& picture) const {
    EXPECT_TRUE(cv::imwrite(File(name).string(), picture));
    return File(name);
  }
  fs::path Write(const std::string& name, std::string_view bytes) const {
    EXPECT_TRUE(WriteFileAtomically(File(name), bytes).ok());
    return File(name);
  }
  // heif-enc, of Debian's libheif-examples; from these files.
  fs::path Encode(const std::string& name, const std::vector<fs::path>& from,
                  const std::string& arguments = "-q 95") const {
    std::string command = "heif-enc " + arguments;
    for (const fs::path& each : from) command += " '" + each.string() + "'";
    EXPECT_EQ(testing::RunCommand(command + " -o '" + File(name).string() + "' 2>/dev/null"), 0) << command;
    return File(name);
  }
  // Four tiles, in two rows.
  fs::path Grid(const std::string& name, const cv::Mat& picture, int quarter_turns) const {
    std::string tiles;
    const cv::Size half(picture.cols / 2, picture.rows / 2);
    for (int i = 0; i < 4; ++i) {
      const cv::Rect area({i % 2 * half.width, i / 2 * half.height}, half);
      const std::string tile = fmt::format("tile{}", i);
      tiles += " '" + Encode(tile + ".heic", {Save(tile + ".png", picture(area))}).string() + "'";
    }
    EXPECT_EQ(testing::RunCommand(fmt::format(
                  "python3 '{}' '{}' 2 {} {}",
                  (testing::SourceFolder() / "src/crossface/media/read/heif_grid_for_test.py").string(),
                  File(name).string(), quarter_turns, tiles)),
              0);
    return File(name);
  }
};

TEST_F(HeifPictureTest, EveryKindIsReadAsItWasMade) {
  const cv::Mat picture = TestPicture(131, 90);
  cv::Mat grey, wide;
  cv::cvtColor(picture, grey, cv::COLOR_BGR2GRAY);
  picture.convertTo(wide, CV_16UC3, 257);
  const fs::path colour_png = Save("colour.png", picture), grey_png = Save("grey.png", grey),
                 wide_png = Save("wide.png", wide);
  const std::string lossless = "-L -p chroma=444 --matrix_coefficients=0";
  for (const auto& [name, from, arguments, least] :
       {std::tuple("a.heic", colour_png, std::string("-q 95"), 33.0),
        std::tuple("a.avif", colour_png, std::string("-q 90"), 30.0),
        std::tuple("444.heic", colour_png, std::string("-q 95 -p chroma=444"), 33.0),
        std::tuple("422.heic", colour_png, std::string("-q 95 -p chroma=422"), 33.0),
        std::tuple("lossless.heic", colour_png, lossless, 50.0),
        std::tuple("limited.heic", colour_png, std::string("-q 95 --full_range_flag=0"), 33.0),
        std::tuple("bt709.avif", colour_png, std::string("-q 90 --matrix_coefficients=1"), 30.0),
        std::tuple("grey.heic", grey_png, std::string("-q 95"), 38.0),
        std::tuple("grey.avif", grey_png, std::string("-q 90"), 33.0),
        std::tuple("10.heic", wide_png, std::string("-q 95 -b 10"), 33.0),
        std::tuple("12.heic", wide_png, std::string("-q 95 -b 12"), 33.0)}) {
    const fs::path path = Encode(name, {from}, arguments);
    const ReadSource read = ReadAll(path, {}, true);
    ASSERT_TRUE(read.opened.ok()) << name << ": " << read.opened.message();
    EXPECT_TRUE(read.damage.ok()) << read.damage.message();
    EXPECT_EQ(read.conversion_error, "") << name;
    EXPECT_EQ(read.time_us, std::vector<int64_t>{0});
    EXPECT_EQ(read.info.codec, path.extension() == ".avif" ? "avif" : "heif");
    EXPECT_EQ(read.info.duration_ms, 0);
    EXPECT_GE(Psnr(FirstBgr(path), cv::imread(from.string())), least) << name;
    const auto misnamed = Write("misnamed.mp4", *ReadFile(path));
    EXPECT_EQ(ReadAll(misnamed, {}, true).hashes, read.hashes) << name;
  }
}

// With ten bits. A tag of high dynamic range changes what is shown, so it has arrived.
TEST_F(HeifPictureTest, HighDynamicRangeIsShownAsThatOfFilms) {
  const cv::Mat picture = TestPicture(128, 96);
  Save("a.png", picture);
  const auto encode = [&](const char* transfer) {
    return FirstBgr(
        Make("a.avif", fmt::format("-i '{}' -pix_fmt yuv420p10le -vf scale=out_color_matrix=bt2020 "
                                   "-color_primaries bt2020 -color_trc {} -colorspace bt2020nc "
                                   "-c:v libaom-av1 -still-picture 1 -cpu-used 8",
                                   File("a.png").string(), transfer)));
  };
  const cv::Mat plain = encode("bt709");
  EXPECT_GE(Psnr(plain, picture), 30);
  for (const char* transfer : {"smpte2084", "arib-std-b67"}) {
    const cv::Mat shown = encode(transfer);
    ASSERT_EQ(shown.size(), picture.size());
    EXPECT_LT(Psnr(shown, plain), 25) << transfer;
  }
}

TEST_F(HeifPictureTest, APictureLiesAsItsFileSaysAndNotAsItsExifSays) {
  const cv::Mat picture = TestPicture(160, 96);
  const fs::path grid = Grid("grid.heic", picture, 0), turned = Grid("turned.heic", picture, 1);
  EXPECT_GE(Psnr(FirstBgr(grid), picture), 33);
  cv::Mat upright;
  cv::rotate(picture, upright, cv::ROTATE_90_COUNTERCLOCKWISE);
  ASSERT_EQ(FirstBgr(turned).size(), upright.size());
  EXPECT_GE(Psnr(FirstBgr(turned), upright), 33);
  const ReadSource read = ReadAll(turned);
  EXPECT_EQ(read.info.parts, 1) << "tiles are no pictures of their own";
  EXPECT_EQ(cv::Size(read.info.width, read.info.height), upright.size());

  // The encoder keeps a JPEG's EXIF data and states no turn of its own.
  const fs::path photo = Save("photo.jpg", picture);
  ASSERT_EQ(testing::RunCommand("exiftool -q -n -overwrite_original -Orientation=6 '" + photo.string() + "'"),
            0);
  EXPECT_EQ(FirstBgr(photo).size(), cv::Size(96, 160));
  EXPECT_EQ(FirstBgr(Encode("photo.heic", {photo})).size(), picture.size());
}

TEST_F(HeifPictureTest, AllPicturesOfAFileAreReadAndThumbnailsAreNot) {
  const fs::path red = Save("red.png", cv::Mat(64, 96, CV_8UC3, cv::Scalar(0, 0, 255))),
                 blue = Save("blue.png", cv::Mat(48, 64, CV_8UC3, cv::Scalar(255, 0, 0)));
  const fs::path path = Encode("burst.heic", {red, blue, red}, "-q 90 -t 32");
  std::vector<std::string> parts;
  ASSERT_TRUE(OpenSource(path, {}, &parts).ok());
  EXPECT_THAT(parts, ::testing::ElementsAre("page 2", "page 3"));
  const auto second = OpenSource(path, {.part = "page 2"});
  ASSERT_TRUE(second.ok()) << second.status().message();
  EXPECT_EQ((*second)->info().width, 64);
  const auto frame = (*second)->Next();
  ASSERT_TRUE(frame.ok() && *frame);
  const auto shown = (*frame)->picture->Bgr();
  ASSERT_TRUE(shown.ok());
  EXPECT_GT(shown->at<cv::Vec3b>(20, 20)[0], 200);
  EXPECT_EQ(OpenSource(path, {.part = "page 4"}).status().code(), StatusCode::kNotFound);
}

TEST_F(HeifPictureTest, ASequenceIsAFilm) {
  const ReadSource read =
      ReadAll(Make("a.avif", "-f lavfi -i testsrc2=s=64x48:r=5:d=2 -c:v libaom-av1 -cpu-used 8"));
  ASSERT_TRUE(read.opened.ok()) << read.opened.message();
  EXPECT_EQ(read.pts.size(), 10u);
  EXPECT_EQ(read.time_us.back(), 1'800'000);
  EXPECT_EQ(read.info.codec, "av1");
}

TEST_F(HeifPictureTest, ACutOffPictureGivesItsUpperPart) {
  const cv::Mat picture = TestPicture(512, 512);
  const fs::path whole = Encode("a.heic", {Save("a.png", picture)}, "-L");
  const std::string bytes = *ReadFile(whole);
  const fs::path path = Write("cut.heic", bytes.substr(0, bytes.size() * 7 / 10));
  const ReadSource read = ReadAll(path);
  ASSERT_TRUE(read.opened.ok()) << read.opened.message();
  EXPECT_EQ(read.damage.code(), StatusCode::kCorrupt);
  EXPECT_THAT(read.damage.message(), HasSubstr("cut off"));
  const cv::Rect upper(0, 0, 512, 192);
  EXPECT_GE(Psnr(FirstBgr(path)(upper), FirstBgr(whole)(upper)), 40);
}

TEST_F(HeifPictureTest, WhatIsMissingOfATelephonesPictureIsBlack) {
  const cv::Mat picture = TestPicture(512, 512);
  const fs::path whole = Grid("grid.heic", picture, 0);
  const std::string bytes = *ReadFile(whole);
  // Behind the first of the two upper tiles begins the second.
  const fs::path path = Write("cut.heic", bytes.substr(0, bytes.size() * 6 / 10));
  const ReadSource read = ReadAll(path);
  ASSERT_TRUE(read.opened.ok()) << read.opened.message();
  EXPECT_EQ(read.damage.code(), StatusCode::kCorrupt);
  EXPECT_THAT(read.damage.message(), HasSubstr("of its 4 tiles are black"));
  const cv::Mat shown = FirstBgr(path);
  ASSERT_EQ(shown.size(), picture.size());
  EXPECT_EQ(Psnr(shown(cv::Rect(0, 0, 256, 256)), FirstBgr(whole)(cv::Rect(0, 0, 256, 256))), 100);
  EXPECT_LT(cv::norm(shown(cv::Rect(256, 256, 256, 256)), cv::NORM_INF), 8);
  EXPECT_EQ(OpenSource(Write("gone.heic", bytes.substr(0, bytes.find("mdat") + 5))).status().code(),
            StatusCode::kCorrupt);
}

TEST_F(HeifPictureTest, CutOffOrDamagedAnywhereIsAPictureOrAClearError) {
  const cv::Mat picture = TestPicture(96, 64);
  const fs::path png = Save("a.png", picture);
  for (const fs::path& made :
       {Encode("a.heic", {png}), Encode("a.avif", {png}), Grid("grid.heic", picture, 1)}) {
    const std::string whole = *ReadFile(made);
    EXPECT_TRUE(rc::check("any damage: " + made.filename().string(), [&] {
      std::string bytes = whole.substr(0, *rc::gen::inRange<size_t>(0, whole.size() + 1));
      for (int i = *rc::gen::inRange(0, 3); i > 0 && !bytes.empty(); --i)
        bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
      const ReadSource read = ReadAll(Write("b.heic", bytes), {.max_pixels = 1 << 20}, true);
      if (read.opened.ok()) {
        RC_ASSERT(read.conversion_error.empty());
      } else {
        RC_ASSERT(!read.opened.message().empty());
        RC_ASSERT(
            read.opened.code() == StatusCode::kCorrupt || read.opened.code() == StatusCode::kUnsupported ||
            read.opened.code() == StatusCode::kNoVideo || read.opened.code() == StatusCode::kOutOfResources);
      }
    }));
  }
}

TEST_F(HeifPictureTest, APictureTooLargeIsRefusedBeforeItIsDecoded) {
  const fs::path path = Encode("a.heic", {Save("a.png", TestPicture(131, 90))});
  const Status status = OpenSource(path, {.max_pixels = 131 * 90 - 1}).status();
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_THAT(status.message(), HasSubstr("a.heic: its pictures have 11790 pixels, 11789 are allowed"));
}

TEST_F(HeifPictureTest, AMotionPhotoIsAPictureAndAFilm) {
  const std::string photo = *ReadFile(Encode("a.heic", {Save("a.png", TestPicture(96, 64))})),
                    film = *ReadFile(Make("f.mp4", "-f lavfi -i testsrc2=s=64x48:r=5:d=2"));
  std::string box("\0\0\0\0mpvd", 8);
  for (size_t i = 0; i < 4; ++i) box[i] = static_cast<char>((film.size() + 8) >> (8 * (3 - i)));
  for (const std::string& content : {fmt::format("{}{}{}", photo, box, film), photo + film}) {
    const fs::path path = Write("motion.heic", content);
    std::vector<std::string> parts;
    const auto reader = OpenSource(path, {}, &parts);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    EXPECT_EQ((*reader)->info().codec, "heif");
    ASSERT_EQ(parts.size(), 1u);
    ReaderOptions second;
    second.part = parts[0];
    EXPECT_EQ(ReadAll(path, second).pts.size(), 10u);
  }
}

TEST_F(HeifPictureTest, TheyAreFoundInFoldersByNameAndByContent) {
  const fs::path path = Encode("IMG_0001.HEIC", {Save("a.png", TestPicture(96, 64))});
  EXPECT_TRUE(HasImageExtension(path));
  EXPECT_TRUE(IsHeif(*ReadFile(path)));
  EXPECT_FALSE(IsHeif(*ReadFile(Make("f.mp4", "-f lavfi -i testsrc2=s=64x48:r=5:d=1"))));
}

}  // namespace
}  // namespace crossface
