#include "crossface/scan/source_geometry.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "crossface/testing/testing.h"

namespace crossface {
namespace {

constexpr size_t kHalfTurn = 1, kWider = 4;  // in kGeometryChanges

ProbedFace Face(float as_found, float changed, size_t change = kHalfTurn) {
  ProbedFace face{.as_found = as_found};
  face.changed[change] = changed;
  return face;
}

TEST(SourceGeometryTest, NearlyAllFacesHaveToSayTheSame) {
  const ProbedFace upside_down = Face(0.02f, 0.8f), upright = Face(0.8f, 0.02f);
  EXPECT_EQ(DecideGeometry({}), std::nullopt);
  EXPECT_EQ(DecideGeometry(std::vector{upside_down}), kGeometryChanges[kHalfTurn]);
  EXPECT_EQ(DecideGeometry(std::vector{upright}), std::nullopt);
  EXPECT_EQ(DecideGeometry(std::vector{upside_down, upside_down, upside_down, upright}),
            kGeometryChanges[kHalfTurn]);
  EXPECT_EQ(DecideGeometry(std::vector{upside_down, upside_down, upright}), std::nullopt);
}

TEST(SourceGeometryTest, OneSqueezedFaceIsNotEnoughSeveralAre) {
  const ProbedFace squeezed = Face(0.3f, 0.75f, kWider);
  EXPECT_EQ(DecideGeometry(std::vector{squeezed}), std::nullopt);
  EXPECT_EQ(DecideGeometry(std::vector{squeezed, squeezed, squeezed}), kGeometryChanges[kWider]);
}

TEST(SourceGeometryTest, WhatStaysUnreadableSaysNothing) {
  EXPECT_EQ(DecideGeometry(std::vector{Face(0.01f, 0.3f)}), std::nullopt);
  EXPECT_EQ(DecideGeometry(std::vector(8, Face(0.5f, 0.6f))), std::nullopt) << "hardly better";
}

TEST(SourceGeometryTest, TwoChangesThatDoTheSameAreADoubt) {
  ProbedFace face = Face(0.02f, 0.8f);
  face.changed[0] = 0.75f;
  EXPECT_EQ(DecideGeometry(std::vector(4, face)), std::nullopt);
}

TEST(SourceGeometryTest, AChangeIsMadeToThePictureThatWasSeen) {
  SourceInfo info;
  info.rotation = 270;
  info.pixel_aspect = {4, 3};
  const WantedGeometry turned = WithChange(info, {180, {}});
  EXPECT_EQ(turned.clockwise, 90);
  EXPECT_EQ(turned.turn_from, GeometryFrom::kFound);
  EXPECT_EQ(turned.pixel_aspect, (Aspect{4, 3}));
  // The upright picture is as high as the stored one is wide.
  EXPECT_EQ(WithChange(info, {0, {2, 1}}).pixel_aspect, (Aspect{2, 3}));
}

TEST(SourceGeometryTest, RealFacesTellMostUpright) {
  CROSSFACE_NEEDS_SHARED("data/stills");
  CROSSFACE_NEEDS_MODEL("scrfd_500m");
  CROSSFACE_NEEDS_MODEL("arcface_ms1m");
  CROSSFACE_NEEDS_MODEL("arcface_foamliu");
  const auto models = ScanModels::Load({.models = testing::Models().folder()});
  ASSERT_TRUE(models.ok()) << models.status().message();
  const cv::Mat upright =
      cv::imread((testing::SharedFolder() / "data/stills/lfw/Bill_Gates/Bill_Gates_0001.jpg").string());
  ASSERT_FALSE(upright.empty());
  for (const GeometryChange& change : {GeometryChange{180, {}}, GeometryChange{270, {}}}) {
    const auto face = ProbeFace(Changed(upright, change), 0.02f, *models);
    ASSERT_TRUE(face.ok()) << face.status().message();
    EXPECT_EQ(DecideGeometry({&*face, 1}), (GeometryChange{360 - change.clockwise, {}}));
  }
  const auto face = ProbeFace(upright, 0.8f, *models);
  ASSERT_TRUE(face.ok()) << face.status().message();
  EXPECT_EQ(DecideGeometry({&*face, 1}), std::nullopt);
}

}  // namespace
}  // namespace crossface
