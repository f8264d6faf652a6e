// A texture that moves sideways, of which every film's pictures hold two moments; and films and photos that
// do not.
#include "crossface/media/read/interlacing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "crossface/media/read/frame_reader.h"
#include "crossface/media/read/read_all_for_test.h"
#include "crossface/testing/testing.h"

namespace crossface {
namespace {

namespace fs = std::filesystem;
using testing::RunCommand;
using testing::ScratchFolder;

constexpr int kStep = 5;  // pixels from one moment to the next

// Blotches of a few pixels, as light and dark as those of a face.
cv::Mat Texture(cv::Size size, uint64_t seed) {
  cv::Mat grey(size, CV_8UC1), texture;
  cv::RNG(seed).fill(grey, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(grey, grey, {}, 3);
  cv::normalize(grey, grey, 0, 255, cv::NORM_MINMAX);
  cv::cvtColor(grey, texture, cv::COLOR_GRAY2BGR);
  return texture;
}

// The moment `number` of a still background before which a square moves.
cv::Mat Moment(cv::Size size, int number) {
  cv::Mat picture = Texture(size, 1);
  const cv::Size moving(size.width / 3, size.height / 2);
  Texture(moving, 2).copyTo(picture(cv::Rect({8 + kStep * number, size.height / 4}, moving)));
  return picture;
}

// Every second row, from row 0 or 1 on, of the one, the others of the other.
cv::Mat Woven(const cv::Mat& first, const cv::Mat& second, bool upper_first) {
  cv::Mat woven = first.clone();
  for (int y = upper_first ? 1 : 0; y < woven.rows; y += 2) second.row(y).copyTo(woven.row(y));
  return woven;
}

cv::Mat Grey(const cv::Mat& bgr) {
  cv::Mat grey;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  return grey;
}

TEST(InterlacingTest, OfTwoMomentsOneIsLeftWhereTheyDiffer) {
  const cv::Mat first = Moment({320, 240}, 0), second = Moment({320, 240}, 1);
  const cv::Mat woven = Woven(first, second, true);
  const cv::Mat combed = CombedSquares(Grey(woven));
  ASSERT_EQ(combed.size(), cv::Size(20, 15));
  for (const bool upper : {true, false}) {
    cv::Mat one = woven.clone();
    KeepOneMoment(combed, {}, upper, one);
    EXPECT_GT(Psnr(one, upper ? first : second), Psnr(woven, upper ? first : second) + 12);
  }
  // The background, where nothing moves, is as it was.
  cv::Mat one = woven.clone();
  KeepOneMoment(combed, {}, true, one);
  EXPECT_EQ(Psnr(one(cv::Rect(200, 0, 120, 240)), woven(cv::Rect(200, 0, 120, 240))), 100);
}

TEST(InterlacingTest, OneMomentIsLeftAlone) {
  EXPECT_TRUE(CombedSquares(Grey(Moment({320, 240}, 3))).empty());
  EXPECT_TRUE(CombedSquares(cv::Mat()).empty());
  cv::Mat noise(240, 320, CV_8UC1);
  cv::RNG(7).fill(noise, cv::RNG::NORMAL, 128, 30);
  EXPECT_TRUE(CombedSquares(noise).empty());
}

// As GIFs and other pictures of few colours have it for shades between these.
TEST(InterlacingTest, AChequeredPatternIsNoTeeth) {
  cv::Mat picture = Grey(Moment({320, 240}, 0));
  picture.forEach<uint8_t>([](uint8_t& pixel, const int* at) {
    pixel = cv::saturate_cast<uint8_t>(pixel + ((at[0] + at[1]) % 2 == 0 ? 30 : -30));
  });
  EXPECT_TRUE(CombedSquares(picture).empty());
}

// Pictures of any size have no rows outside of them.
RC_GTEST_PROP(InterlacingProperty, AnySizeIsHandled, ()) {
  const cv::Size size(*rc::gen::inRange(1, 70), *rc::gen::inRange(1, 70));
  cv::Mat picture(size, CV_8UC3, cv::Scalar::all(0));
  for (int y = 1; y < size.height; y += 2) picture.row(y).setTo(cv::Scalar::all(200));
  const cv::Mat combed = CombedSquares(Grey(picture));
  RC_ASSERT(combed.empty() == (size.width < kCombSquare || size.height < kCombSquare));
  if (combed.empty()) return;
  KeepOneMoment(combed, {}, true, picture);
  RC_ASSERT(cv::countNonZero(Grey(picture)) == 0);
}

class InterlacedFilmTest : public ::testing::Test {
 protected:
  // Six pictures of two moments each.
  fs::path Film(const std::string& name, cv::Size size, bool upper_first, const std::string& encoder) const {
    const fs::path raw = scratch_.path() / "film.bgr";
    fs::path film = scratch_.path() / name;
    std::ofstream pixels(raw, std::ios::binary);
    for (int number = 0; number < 12; number += 2) {
      const cv::Mat woven = Woven(Moment(size, number), Moment(size, number + 1), upper_first);
      pixels.write(reinterpret_cast<const char*>(woven.data),
                   static_cast<std::streamsize>(woven.total() * 3));
    }
    pixels.close();
    EXPECT_EQ(
        RunCommand(fmt::format("ffmpeg -v error -y -f rawvideo -pix_fmt bgr24 -s {}x{} -r 25 -i '{}' {} '{}'",
                               size.width, size.height, raw.string(), encoder, film.string())),
        0);
    return film;
  }
  ScratchFolder scratch_;
};

TEST_F(InterlacedFilmTest, TheFirstMomentIsShownWhetherTheFilmSaysSoOrNot) {
  struct Kind {
    const char *name, *encoder;
    bool upper_first;
  };
  for (const Kind& kind :
       {Kind{"h264.mkv", "-vf setfield=tff -pix_fmt yuv420p -c:v libx264 -crf 4 -flags +ildct+ilme", true},
        Kind{"lower.mkv", "-vf setfield=bff -pix_fmt yuv420p -c:v libx264 -crf 4 -flags +ildct+ilme", false},
        Kind{"mpeg2.mpg",
             "-vf setfield=tff -pix_fmt yuv420p -c:v mpeg2video -q:v 1 -flags +ildct+ilme -top 1", true},
        Kind{"unsaid.mkv", "-pix_fmt yuv420p -c:v libx264 -crf 4", true},
        Kind{"ten_bits.mov", "-vf setfield=tff -pix_fmt yuv422p10le -c:v prores_ks -flags +ildct+ilme",
             true}}) {
    SCOPED_TRACE(kind.name);
    const cv::Size size(320, 240);
    const cv::Mat shown = FirstBgr(Film(kind.name, size, kind.upper_first, kind.encoder));
    ASSERT_EQ(shown.size(), size);
    const cv::Mat first = Moment(size, 0);
    EXPECT_GT(Psnr(Grey(shown), Grey(first)),
              Psnr(Grey(Woven(first, Moment(size, 1), kind.upper_first)), Grey(first)) + 8);
  }
}

// Rows of colours, of which there are half as many, are those of both moments in turn, too.
TEST_F(InterlacedFilmTest, ACutBetweenMomentsLeavesNoColoursOfTheOther) {
  const cv::Size size(320, 240);
  cv::Mat before, after;
  cv::multiply(Texture(size, 1), cv::Scalar(.2, .4, 1), before);
  cv::multiply(Texture(size, 3), cv::Scalar(1, .6, .1), after);
  const cv::Mat woven = Woven(before, after, true);
  const fs::path raw = scratch_.path() / "film.bgr", film = scratch_.path() / "cut.mkv";
  std::ofstream(raw, std::ios::binary)
      .write(reinterpret_cast<const char*>(woven.data), static_cast<std::streamsize>(woven.total() * 3));
  for (const char* const said : {"setfield=tff,scale=interl=1 -flags +ildct+ilme", "scale=interl=1"}) {
    SCOPED_TRACE(said);
    ASSERT_EQ(
        RunCommand(fmt::format("ffmpeg -v error -y -f rawvideo -pix_fmt bgr24 -s {}x{} -r 25 -i '{}' -vf {} "
                               "-pix_fmt yuv420p -c:v libx264 -crf 4 '{}'",
                               size.width, size.height, raw.string(), said, film.string())),
        0);
    EXPECT_GT(Psnr(FirstBgr(film), before), 28);
  }
}

// Rows are told apart before pixels are made square and pictures turned.
TEST_F(InterlacedFilmTest, StretchedAndTurnedFilmsAreOfOneMomentToo) {
  for (const char* const aspect : {"16/15", "8/9", "1/2"}) {
    SCOPED_TRACE(aspect);
    const fs::path film =
        Film("plain.mp4", {320, 240}, true,
             fmt::format("-vf setsar={},setfield=tff -pix_fmt yuv420p -c:v libx264 -crf 4 -flags +ildct+ilme",
                         aspect));
    const cv::Mat shown = FirstBgr(film);
    ASSERT_FALSE(shown.empty());
    EXPECT_NE(shown.size(), cv::Size(320, 240));
    cv::Mat stored;
    cv::resize(shown, stored, {320, 240}, 0, 0, cv::INTER_AREA);
    EXPECT_GT(Psnr(Grey(stored), Grey(Moment({320, 240}, 0))), 30);

    const fs::path turned = scratch_.path() / "turned.mp4";
    ASSERT_EQ(RunCommand(fmt::format("ffmpeg -v error -y -i '{}' -c copy -metadata:s:v rotate=180 '{}'",
                                     film.string(), turned.string())),
              0);
    cv::Mat back;
    cv::rotate(FirstBgr(turned), back, cv::ROTATE_180);
    EXPECT_EQ(Psnr(back, shown), 100);
  }
}

// What the threshold was set by, in small: nothing is taken from films and photos that are of one moment.
TEST(InterlacingTest, RealFilmsAndPhotosOfOneMomentAreLeftAlone) {
  const fs::path videos = testing::SharedFolder() / "data/videos";
  for (const char* const name :
       {"no_face_one_by_one.mp4", "friends_table.mp4", "grid_bbaf2n.mpg", "chaplin.mp4"}) {
    SCOPED_TRACE(name);
    auto reader = OpenSource(videos / name);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    for (int read = 0; read < 60; ++read) {
      const auto frame = (*reader)->Next();
      ASSERT_TRUE(frame.ok());
      if (!*frame) break;
      const auto luma = (*frame)->picture->Luma(10'000);
      ASSERT_TRUE(luma.ok());
      ASSERT_TRUE(CombedSquares(*luma).empty()) << "frame " << read;
    }
  }
  int photos = 0;
  for (const auto& entry :
       fs::directory_iterator(testing::SharedFolder() / "data/detection/wider_train_subset")) {
    const cv::Mat grey = cv::imread(entry.path().string(), cv::IMREAD_GRAYSCALE);
    if (grey.empty()) continue;
    ++photos;
    EXPECT_TRUE(CombedSquares(grey).empty()) << entry.path();
  }
  EXPECT_GT(photos, 20);
}

}  // namespace
}  // namespace crossface
