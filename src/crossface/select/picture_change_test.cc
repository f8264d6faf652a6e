#include "crossface/select/picture_change.h"

#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace crossface {
namespace {

cv::Mat Texture(uint64_t seed, cv::Size size = {160, 90}) {
  cv::Mat texture(size, CV_8U);
  cv::RNG(seed).fill(texture, cv::RNG::UNIFORM, 0, 256);
  cv::GaussianBlur(texture, texture, cv::Size(), 2.5);
  cv::normalize(texture, texture, 20, 230, cv::NORM_MINMAX);
  return texture;
}

TEST(MeasureLuma, IgnoresTheBrightestAndDarkestHundredth) {
  cv::Mat grey(100, 100, CV_8U, cv::Scalar(50));
  grey.rowRange(0, 10) = 30;
  grey.rowRange(90, 100) = 80;
  grey.at<uint8_t>(0, 0) = 0;
  grey.at<uint8_t>(99, 99) = 255;
  const LumaStatistics luma = MeasureLuma(grey);
  EXPECT_NEAR(luma.mean, 51, .05);
  EXPECT_EQ(luma.bright, 80);
  EXPECT_EQ(luma.range, 50);
  EXPECT_EQ(MeasureLuma(cv::Mat(1, 1, CV_8U, cv::Scalar(7))).bright, 7);
}

TEST(ThumbnailCorrelation, IsOneUnderAChangeOfLightAndLowForAnotherScene) {
  const cv::Mat scene = Texture(1);
  cv::Mat brighter;
  scene.convertTo(brighter, CV_8U, .6, 70);
  EXPECT_GT(ThumbnailCorrelation(MakeThumbnail(scene), MakeThumbnail(brighter)), .99);
  EXPECT_LT(ThumbnailCorrelation(MakeThumbnail(scene), MakeThumbnail(Texture(2))), .5);
}

TEST(LargestBlockDifference, FindsASmallChangeAnywhere) {
  const cv::Mat scene = Texture(1);
  cv::Mat changed = scene.clone();
  changed(cv::Rect(80, 40, 8, 8)) = 255 - changed(cv::Rect(80, 40, 8, 8));
  EXPECT_EQ(LargestBlockDifference(scene, scene), 0);
  EXPECT_GT(LargestBlockDifference(scene, changed), 10);
}

TEST(PassingDifference, IsOfWhatStandsInTheMiddlePictureAlone) {
  const cv::Mat scene = Texture(1);
  cv::Mat changed = scene.clone();
  const cv::Rect patch(80, 40, 16, 16);
  changed(patch) = 255 - changed(patch);
  const auto most = [](const cv::Mat& before, const cv::Mat& now, const cv::Mat& after) {
    double largest = 0;
    cv::minMaxLoc(PassingDifference(before, now, after), nullptr, &largest);
    return largest;
  };
  EXPECT_GT(most(scene, changed, scene), 12);
  EXPECT_EQ(most(scene, changed, changed), 0) << "it comes to stay";
  EXPECT_EQ(most(changed, changed, scene), 0) << "it goes";
  EXPECT_EQ(most(scene, scene, changed), 0);
  EXPECT_GT(most(scene, 255 - scene, scene), 12) << "a flash";
  const cv::Mat passing = PassingDifference(scene, changed, scene);
  EXPECT_GT(passing.at<float>(5, 10), 12);
  EXPECT_EQ(passing.at<float>(5, 3), 0);
}

TEST(PictureComparer, MeasuresAShiftAndExplainsIt) {
  const cv::Mat scene = Texture(3, {220, 150});
  PictureComparer comparer;
  const PictureMotion motion =
      comparer.Compare(scene(cv::Rect(20, 20, 160, 90)), scene(cv::Rect(23, 16, 160, 90)));
  EXPECT_NEAR(motion.mean, 5, .5);
  EXPECT_LT(motion.unexplained, .1);
}

TEST(PictureComparer, ALocalMotionShowsInTheLargestBlock) {
  const cv::Mat scene = Texture(3), object = Texture(4, {40, 40});
  cv::Mat before = scene.clone(), after = scene.clone();
  object.copyTo(before(cv::Rect(60, 25, 40, 40)));
  object.copyTo(after(cv::Rect(63, 25, 40, 40)));
  const PictureMotion motion = PictureComparer().Compare(before, after);
  EXPECT_NEAR(motion.largest, 3, 1);
  EXPECT_LT(motion.mean, 1);
}

TEST(PictureComparer, AnotherSceneIsUnexplainedAndAnotherLightIsNot) {
  const cv::Mat scene = Texture(5);
  cv::Mat darker;
  scene.convertTo(darker, CV_8U, .4, 5);
  PictureComparer comparer;
  EXPECT_GT(comparer.Compare(scene, Texture(6)).unexplained, .5);
  EXPECT_LT(comparer.Compare(scene, darker).unexplained, .05);
  EXPECT_EQ(comparer.Compare(cv::Mat(90, 160, CV_8U, cv::Scalar(9)), cv::Mat(90, 160, CV_8U, cv::Scalar(99)))
                .unexplained,
            0);
}

TEST(PictureComparer, DoesNotDependOnTheNumberOfThreads) {
  const cv::Mat scene = Texture(7, {220, 150});
  const cv::Mat from = scene(cv::Rect(20, 20, 160, 90)).clone(),
                to = scene(cv::Rect(28, 13, 160, 90)).clone();
  const int threads = cv::getNumThreads();
  cv::setNumThreads(1);
  const PictureMotion alone = PictureComparer().Compare(from, to);
  cv::setNumThreads(7);
  const PictureMotion together = PictureComparer().Compare(from, to);
  cv::setNumThreads(threads);
  EXPECT_EQ(alone.mean, together.mean);
  EXPECT_EQ(alone.largest, together.largest);
  EXPECT_EQ(alone.unexplained, together.unexplained);
}

}  // namespace
}  // namespace crossface
