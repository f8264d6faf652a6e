#include "crossface/detect/align.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

namespace crossface {
namespace {

Landmarks TemplatePoints() {
  return {{{38.2946f, 51.6963f},
           {73.5318f, 51.5014f},
           {56.0252f, 71.7366f},
           {41.5493f, 92.3655f},
           {70.7299f, 92.2041f}}};
}

cv::Point2f Apply(const cv::Matx23f& m, const cv::Point2f& p) {
  return {m(0, 0) * p.x + m(0, 1) * p.y + m(0, 2), m(1, 0) * p.x + m(1, 1) * p.y + m(1, 2)};
}

// A picture in which every pixel tells its place: blue holds x, green holds y.
cv::Mat PlacePicture(int width, int height) {
  cv::Mat picture(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x)
      picture.at<cv::Vec3b>(y, x) = cv::Vec3b(static_cast<uchar>(x), static_cast<uchar>(y), 7);
  }
  return picture;
}

TEST(AlignmentTransform, EqualsUmeyamaBySingularValues) {
  // The expected matrix was computed with numpy's SVD after Umeyama's equations (38) to (43).
  const Landmarks points = {{{120.5f, 88}, {171, 95.5f}, {140, 130}, {118, 150}, {160, 161}}};
  const cv::Matx23f m = AlignmentTransform(points);
  const cv::Matx23f expected(0.64014614f, 0.09223616f, -46.33087f, -0.09223616f, 0.64014614f, 5.034843f);
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(m.val[i], expected.val[i], 1e-4f) << i;
}

RC_GTEST_PROP(AlignmentTransform, BringsAnyMovedTurnedAndScaledTemplateBack, ()) {
  const float angle = static_cast<float>(*rc::gen::inRange(-314, 314)) / 100;
  const float scale = static_cast<float>(*rc::gen::inRange(5, 2000)) / 100;
  const cv::Point2f shift(static_cast<float>(*rc::gen::inRange(-4000, 4000)),
                          static_cast<float>(*rc::gen::inRange(-4000, 4000)));
  const float c = scale * std::cos(angle), s = scale * std::sin(angle);
  Landmarks moved = TemplatePoints();
  for (auto& p : moved) p = cv::Point2f(c * p.x - s * p.y, s * p.x + c * p.y) + shift;
  const cv::Matx23f m = AlignmentTransform(moved);
  const Landmarks expected = TemplatePoints();
  for (size_t i = 0; i < 5; ++i) {
    const cv::Point2f error = Apply(m, moved[i]) - expected[i];
    RC_ASSERT(std::hypot(error.x, error.y) < 0.05f);
  }
}

RC_GTEST_PROP(AlignmentTransform, NeverMirrors, ()) {
  Landmarks points;
  for (auto& p : points)
    p = {static_cast<float>(*rc::gen::inRange(0, 500)), static_cast<float>(*rc::gen::inRange(0, 500))};
  const cv::Matx23f m = AlignmentTransform(points);
  RC_ASSERT(m(0, 0) * m(1, 1) - m(0, 1) * m(1, 0) > 0);
}

TEST(AlignmentTransform, PointsInOnePlaceAreCentredUnscaled) {
  Landmarks points;
  points.fill({400, 300});
  const cv::Matx23f m = AlignmentTransform(points);
  EXPECT_FLOAT_EQ(m(0, 0), 1);
  const cv::Point2f centre = Apply(m, {400, 300});
  EXPECT_NEAR(centre.x, 56.03f, 0.01f);  // the mean of the template
  EXPECT_NEAR(centre.y, 71.90f, 0.01f);
}

TEST(AlignmentTransform, RefusesPointsThatAreNotFinite) {
  Landmarks points = TemplatePoints();
  points[3].y = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(AlignmentTransform(points), std::logic_error);
}

TEST(AlignedFace, CopiesTheTemplatePlaceUnchanged) {
  const cv::Mat aligned = AlignedFace(PlacePicture(200, 180), TemplatePoints());
  ASSERT_EQ(aligned.size(), cv::Size(112, 112));
  for (int at : {0, 5, 50, 111}) {
    EXPECT_NEAR(aligned.at<cv::Vec3b>(at, 30)[1], at, 1);
    EXPECT_NEAR(aligned.at<cv::Vec3b>(30, at)[0], at, 1);
  }
}

TEST(AlignedFace, IsBlackOutsideThePicture) {
  Landmarks points = TemplatePoints();
  for (auto& p : points) p -= cv::Point2f(60, 0);
  const cv::Mat aligned = AlignedFace(PlacePicture(200, 180), points);
  EXPECT_EQ(aligned.at<cv::Vec3b>(56, 20), cv::Vec3b(0, 0, 0));
  EXPECT_NEAR(aligned.at<cv::Vec3b>(56, 100)[0], 40, 1);
}

TEST(BoxCrop, EnlargesAroundTheCentre) {
  // 40 + 50 % = 60 pixels around (60, 60): 30 to 90, read one to one.
  const cv::Mat crop = BoxCrop(PlacePicture(200, 180), {40, 40, 40, 40}, 0.5f, false, 60);
  EXPECT_EQ(crop.at<cv::Vec3b>(0, 0), cv::Vec3b(30, 30, 7));
  EXPECT_EQ(crop.at<cv::Vec3b>(59, 59), cv::Vec3b(89, 89, 7));
}

TEST(BoxCrop, MakesTheShorterSideAsLongAsTheOther) {
  const cv::Mat square = BoxCrop(PlacePicture(200, 180), {50, 40, 20, 60}, 0, true, 60);
  EXPECT_EQ(square.at<cv::Vec3b>(0, 0), cv::Vec3b(30, 40, 7));
  EXPECT_EQ(square.at<cv::Vec3b>(59, 59), cv::Vec3b(89, 99, 7));
  const cv::Mat stretched = BoxCrop(PlacePicture(200, 180), {50, 40, 20, 60}, 0, false, 60);
  EXPECT_GE(stretched.at<cv::Vec3b>(0, 0)[0], 49);
  EXPECT_LE(stretched.at<cv::Vec3b>(0, 59)[0], 70);
}

TEST(BoxCrop, RepeatsTheEdgeOutsideThePicture) {
  const cv::Mat corner = BoxCrop(PlacePicture(200, 180), {-20, -10, 40, 40}, 0, false, 40);
  EXPECT_EQ(corner.at<cv::Vec3b>(0, 0), cv::Vec3b(0, 0, 7));
  EXPECT_EQ(corner.at<cv::Vec3b>(30, 35), cv::Vec3b(15, 20, 7));
  const cv::Mat far_corner = BoxCrop(PlacePicture(200, 180), {180, 160, 40, 40}, 0, false, 40);
  EXPECT_EQ(far_corner.at<cv::Vec3b>(39, 39), cv::Vec3b(199, 179, 7));
  EXPECT_EQ(far_corner.at<cv::Vec3b>(5, 6), cv::Vec3b(186, 165, 7));
}

TEST(BoxCrop, RepeatsTheEdgeOfACutOutAndNotWhatLiesBeyondIt) {
  const cv::Mat whole = PlacePicture(200, 180);
  const cv::Mat crop = BoxCrop(whole(cv::Rect(50, 50, 60, 60)), {-10, -10, 40, 40}, 0, false, 40);
  EXPECT_EQ(crop.at<cv::Vec3b>(0, 0), cv::Vec3b(50, 50, 7));
}

RC_GTEST_PROP(BoxCrop, GivesAPictureForAnyBox, ()) {
  const cv::Mat picture = PlacePicture(*rc::gen::inRange(1, 60), *rc::gen::inRange(1, 60));
  const auto any = [](int reach) { return static_cast<float>(*rc::gen::inRange(-reach, reach)); };
  const cv::Rect2f box(any(1000000), any(1000000), std::abs(any(1000000)), std::abs(any(300)));
  const cv::Mat crop = BoxCrop(picture, box, 0.1f, *rc::gen::arbitrary<bool>(), 16);
  RC_ASSERT(crop.size() == cv::Size(16, 16));
  double low, high;
  cv::minMaxLoc(crop.reshape(1), &low, &high);
  RC_ASSERT(high < 60);  // only what the picture holds
}

TEST(BoxCrop, AveragesWhenShrinkingSoThatNothingFlickers) {
  cv::Mat stripes(128, 128, CV_8UC3);
  for (int x = 0; x < 128; ++x) stripes.col(x).setTo(x % 2 ? cv::Scalar::all(255) : cv::Scalar::all(0));
  const cv::Mat crop = BoxCrop(stripes, {0, 0, 128, 128}, 0, true, 16);
  EXPECT_NEAR(crop.at<cv::Vec3b>(8, 8)[0], 128, 2);
}

TEST(BoxCrop, RefusesWhatCannotBeCut) {
  const cv::Mat picture = PlacePicture(20, 20);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(BoxCrop(picture, {nan, 0, 5, 5}, 0, true, 16), std::logic_error);
  EXPECT_THROW(BoxCrop(picture, {0, 0, 5, 5}, 0, true, 0), std::logic_error);
  EXPECT_THROW(BoxCrop(cv::Mat(), {0, 0, 5, 5}, 0, true, 16), std::logic_error);
  EXPECT_THROW(BoxCrop(cv::Mat(9, 9, CV_8UC1), {0, 0, 5, 5}, 0, true, 16), std::logic_error);
}

}  // namespace
}  // namespace crossface
