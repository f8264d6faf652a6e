#include "crossface/scan/track_builder.h"

#include <gtest/gtest.h>

namespace crossface {
namespace {

FoundFace FaceAt(int number, int side) {
  const cv::Mat frame(900, 1600, CV_8UC3, cv::Scalar(90, 120, static_cast<double>(number)));
  Frame at;
  at.index = number;
  at.time_us = number * 200'000;
  Detection face;
  face.box = cv::Rect2f(700, 400, static_cast<float>(side), static_cast<float>(side));
  return DescribeFace(frame, {.frame = at}, face);
}

TEST(TrackBuilder, SurroundingsAreAPartOfTheFrameUntilTheyAreDetached) {
  FaceSurroundings around = FaceAt(1, 200).surroundings;
  EXPECT_TRUE(around.bgr.isSubmatrix());
  EXPECT_FLOAT_EQ(around.scale, 1);
  const Detection face{.box = {700, 400, 200, 200}};
  Detach(&around);
  EXPECT_FALSE(around.bgr.isSubmatrix());
  EXPECT_EQ(around.bgr.cols, 480);
  EXPECT_NEAR(around.scale, 0.8, 0.01);
  EXPECT_NEAR(around.ToFrame(around.ToLocal(face)).box.x, 700, 0.01);
  FaceSurroundings small = FaceAt(1, 60).surroundings;
  Detach(&small);
  EXPECT_FLOAT_EQ(small.scale, 1);
  EXPECT_FALSE(small.bgr.isSubmatrix());
}

TEST(TrackBuilder, CandidatesAreCountedInBytesAndGivenUpDownToThree) {
  TrackBuilder builder(0, false);
  EXPECT_EQ(builder.bytes(), 0);
  EXPECT_FALSE(builder.GiveUpCandidate());
  for (int i = 0; i < 30; ++i) builder.Add(FaceAt(i, 100));
  ASSERT_EQ(builder.candidates(), 10u);
  EXPECT_EQ(builder.bytes(), 10 * 300 * 300 * 3);
  for (size_t left = 9; left >= 3; --left) {
    EXPECT_TRUE(builder.GiveUpCandidate());
    EXPECT_EQ(builder.candidates(), left);
    EXPECT_EQ(builder.bytes(), static_cast<int64_t>(left) * 300 * 300 * 3);
  }
  EXPECT_FALSE(builder.GiveUpCandidate());
}

TEST(TrackBuilder, AllFacesAreCandidatesWhenExhaustiveUntilMemoryIsShort) {
  TrackBuilder builder(0, true);
  for (int i = 0; i < 30; ++i) builder.Add(FaceAt(i, 100));
  ASSERT_EQ(builder.candidates(), 30u);
  for (size_t left = 29; left >= 3; --left) {
    EXPECT_TRUE(builder.GiveUpCandidate());
    EXPECT_EQ(builder.bytes(), static_cast<int64_t>(left) * 300 * 300 * 3);
  }
  EXPECT_FALSE(builder.GiveUpCandidate());
}

}  // namespace
}  // namespace crossface
