#include "crossface/util/shrink.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace crossface {
namespace {

// As rough as the finest detail of a film.
cv::Mat Noise(const cv::Size& size, int type) {
  cv::Mat picture(size, type);
  cv::RNG(7).fill(picture, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(picture, picture, {5, 5}, 0);
  return picture;
}

TEST(ShrinkByArea, IsTheAverageOfWhatLiesUnderEachPixel) {
  for (const int type : {CV_8UC1, CV_8UC3}) {
    for (const cv::Size from :
         {cv::Size(854, 480), cv::Size(1920, 1080), cv::Size(641, 359), cv::Size(160, 90)}) {
      for (const cv::Size to : {cv::Size(160, 90), cv::Size(37, 60), cv::Size(1, 1)}) {
        const cv::Mat picture = Noise(from, type), shrunk = ShrinkByArea(picture, to);
        cv::Mat expected;
        cv::resize(picture, expected, to, 0, 0, cv::INTER_AREA);
        ASSERT_EQ(shrunk.size(), to);
        EXPECT_LE(cv::norm(shrunk, expected, cv::NORM_INF), 6) << from << " to " << to;
        EXPECT_LE(
            cv::norm(shrunk, expected, cv::NORM_L1) / static_cast<double>(shrunk.total() * shrunk.channels()),
            1);
      }
    }
  }
}

TEST(ShrinkByArea, TakesPartsOfPicturesAndLeavesThemAsTheyAre) {
  const cv::Mat whole = Noise({200, 120}, CV_8UC3), before = whole.clone();
  const cv::Rect part(30, 20, 128, 64);
  cv::Mat expected;
  cv::resize(whole(part).clone(), expected, {32, 16}, 0, 0, cv::INTER_AREA);
  EXPECT_LE(cv::norm(ShrinkByArea(whole(part), {32, 16}), expected, cv::NORM_INF), 8);
  EXPECT_EQ(cv::norm(whole, before, cv::NORM_INF), 0);
}

TEST(ShrinkByArea, OfThatSizeAlreadyIsACopy) {
  const cv::Mat picture = Noise({64, 48}, CV_8UC1);
  cv::Mat copy = ShrinkByArea(picture, picture.size());
  EXPECT_EQ(cv::norm(copy, picture, cv::NORM_INF), 0);
  EXPECT_NE(copy.data, picture.data);
}

}  // namespace
}  // namespace crossface
