#include "crossface/detect/face_quality.h"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "crossface/testing/testing.h"

namespace crossface {
namespace {

// A photo of the shared stills with the box and landmarks that SCRFD gave.
class QualityOfAPhoto : public ::testing::Test {
 protected:
  void SetUp() override {
    CROSSFACE_NEEDS_SHARED("data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg");
    photo_ =
        cv::imread((testing::SharedFolder() / "data/stills/lfw/Abdullah_Gul/Abdullah_Gul_0013.jpg").string());
    face_.box = {82.4f, 68.1f, 102.3f, 126.0f};
    face_.score = 0.99f;
    face_.landmarks = {
        {{103.1f, 112.5f}, {147.9f, 111.3f}, {120.1f, 133.3f}, {105.9f, 156.6f}, {146.6f, 155.9f}}};
  }
  static Detection Scaled(Detection face, float scale) {
    face.box = cv::Rect2f(face.box.tl() * scale, cv::Size2f(face.box.width * scale, face.box.height * scale));
    for (auto& point : face.landmarks) point *= scale;
    return face;
  }
  float Overall(const cv::Mat& picture) const { return MeasureQuality(picture, face_).overall; }

  cv::Mat photo_;
  Detection face_;
};

TEST_F(QualityOfAPhoto, FallsWithBlur) {
  float last = Overall(photo_);
  EXPECT_GT(last, 0.6f);
  float last_sharpness = MeasureQuality(photo_, face_).sharpness;
  for (double sigma : {1.0, 2.0, 4.0, 8.0}) {
    cv::Mat blurred;
    cv::GaussianBlur(photo_, blurred, {}, sigma);
    const FaceQuality quality = MeasureQuality(blurred, face_);
    EXPECT_LT(quality.overall, last) << sigma;
    EXPECT_LT(quality.sharpness, last_sharpness) << sigma;
    last = quality.overall;
    last_sharpness = quality.sharpness;
  }
}

TEST_F(QualityOfAPhoto, FallsWithSize) {
  float last = Overall(photo_);
  for (float scale : {0.5f, 0.25f, 0.125f}) {
    cv::Mat small;
    cv::resize(photo_, small, {}, scale, scale, cv::INTER_AREA);
    const FaceQuality quality = MeasureQuality(small, Scaled(face_, scale));
    EXPECT_NEAR(quality.size, 44.8f * scale, 0.5f);
    EXPECT_LT(quality.overall, last) << scale;
    last = quality.overall;
  }
}

TEST_F(QualityOfAPhoto, FallsWhenBlackBurntOrWithoutContrast) {
  const FaceQuality good = MeasureQuality(photo_, face_);
  EXPECT_GT(good.exposure, 0.9f);
  const auto exposure = [&](double factor, double offset) {
    cv::Mat changed;
    photo_.convertTo(changed, -1, factor, offset);
    const FaceQuality quality = MeasureQuality(changed, face_);
    EXPECT_LT(quality.overall, good.overall) << factor << " " << offset;
    return quality.exposure;
  };
  EXPECT_LT(exposure(0.04, 0), 0.2f);    // black
  EXPECT_LT(exposure(4, 0), 0.5f);       // burnt out
  EXPECT_LT(exposure(0.03, 120), 0.2f);  // fog
}

TEST_F(QualityOfAPhoto, FallsWithTheDetectorsDoubt) {
  float last = 1;
  for (float score : {0.99f, 0.9f, 0.6f, 0.2f}) {
    face_.score = score;
    EXPECT_LT(Overall(photo_), last) << score;
    last = Overall(photo_);
  }
}

// Landmarks of a head with a nose, turned in space and drawn without perspective; millimetres.
Landmarks TurnedHead(double yaw, double pitch, double roll) {
  const std::array<cv::Point3d, 5> head = {
      {{-31, 0, 0}, {31, 0, 0}, {0, 34.5, 34.5}, {-25, 65, 0}, {25, 65, 0}}};
  const auto radians = [](double degrees) { return degrees * std::acos(-1.0) / 180; };
  const double cy = std::cos(radians(yaw)), sy = std::sin(radians(yaw));
  const double cp = std::cos(radians(pitch)), sp = std::sin(radians(pitch));
  const double cr = std::cos(radians(roll)), sr = std::sin(radians(roll));
  Landmarks points;
  for (size_t i = 0; i < 5; ++i) {
    const double x = cy * head[i].x + sy * head[i].z, z = -sy * head[i].x + cy * head[i].z;
    const double y = cp * head[i].y + sp * z;
    points[i] =
        cv::Point2f(static_cast<float>(100 + cr * x - sr * y), static_cast<float>(100 + sr * x + cr * y));
  }
  return points;
}

FaceQuality PoseOf(double yaw, double pitch, double roll) {
  Detection face{.box = {60, 60, 80, 110}, .score = 0.8f, .landmarks = TurnedHead(yaw, pitch, roll)};
  return MeasureQuality(cv::Mat(240, 240, CV_8UC3, cv::Scalar::all(100)), face);
}

TEST(Pose, IsReadFromTheLandmarks) {
  for (double yaw : {-60.0, -40.0, -20.0, 0.0, 20.0, 40.0, 60.0})
    EXPECT_NEAR(PoseOf(yaw, 0, 0).yaw, yaw, 8) << yaw;
  for (double pitch : {-25.0, 0.0, 25.0}) EXPECT_NEAR(PoseOf(0, pitch, 0).pitch, pitch, 8) << pitch;
  for (double roll : {-80.0, -30.0, 0.0, 30.0, 80.0}) {
    EXPECT_NEAR(PoseOf(0, 0, roll).roll, roll, 3) << roll;
    EXPECT_NEAR(PoseOf(30, 0, roll).yaw, 30, 8) << roll;
  }
}

TEST(Pose, OfAProfileIsNinetyDegrees) {
  EXPECT_EQ(PoseOf(80, 0, 0).yaw, 90);
  EXPECT_EQ(PoseOf(-80, 0, 0).yaw, -90);
  EXPECT_NEAR(PoseOf(80, 0, 30).roll, 30, 8);
}

TEST(Pose, ProfileIsTrustedLess) {
  EXPECT_GT(TurnedAwayFactor(0), TurnedAwayFactor(35));
  EXPECT_GT(TurnedAwayFactor(35), TurnedAwayFactor(-60));
  EXPECT_EQ(TurnedAwayFactor(90), TurnedAwayFactor(-90));
  EXPECT_GT(TurnedAwayFactor(90), 0);
}

TEST(Pose, OfPointsInOnePlaceIsFinite) {
  Detection face{.box = {60, 60, 80, 110}, .score = 0.8f};
  face.landmarks.fill({100, 100});
  const FaceQuality quality = MeasureQuality(cv::Mat(240, 240, CV_8UC3, cv::Scalar::all(100)), face);
  EXPECT_TRUE(std::isfinite(quality.yaw) && std::isfinite(quality.roll));
  EXPECT_GE(quality.overall, 0);
  EXPECT_LE(quality.overall, 1);
}

}  // namespace
}  // namespace crossface
