#include "crossface/scan/expected_faces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

int AnyIn(int least, int most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(least, most + 1));
}

FacesAt At(int64_t time_us, const std::vector<cv::Rect2f>& boxes, bool sure = true) {
  FacesAt at{.time_us = time_us, .faces = {}};
  for (const cv::Rect2f& box : boxes) at.faces.push_back({box, sure});
  return at;
}

bool Holds(const cv::Rect2f& outer, const cv::Rect2f& inner) {
  return outer.x <= inner.x && outer.y <= inner.y && outer.br().x >= inner.br().x &&
         outer.br().y >= inner.br().y;
}

TEST(ExpectedFaces, WhoStandsStillIsExpectedThere) {
  const cv::Rect2f box(100, 50, 40, 50);
  EXPECT_THAT(*ExpectedFaces(At(0, {box}), At(400'000, {box}), 200'000), ElementsAre(box));
}

TEST(ExpectedFaces, WhoMovesIsExpectedOnTheWayAsFarAsTheTimeSays) {
  const cv::Rect2f from(100, 50, 40, 40), to(180, 50, 40, 40);
  const auto half = *ExpectedFaces(At(0, {from}), At(400'000, {to}), 200'000);
  ASSERT_THAT(half, SizeIs(1));
  EXPECT_TRUE(Holds(half[0], {140, 50, 40, 40}));
  const auto quarter = *ExpectedFaces(At(0, {from}), At(400'000, {to}), 100'000);
  EXPECT_TRUE(Holds(quarter[0], {120, 50, 40, 40}));
  EXPECT_LT(quarter[0].x, half[0].x);
}

TEST(ExpectedFaces, WhereSomebodyComesOrGoesTheWholeIsLookedAt) {
  const cv::Rect2f box(10, 10, 30, 30), elsewhere(600, 300, 30, 30), larger(12, 12, 120, 120);
  EXPECT_FALSE(ExpectedFaces(At(0, {box}), At(400'000, {}), 200'000));
  EXPECT_FALSE(ExpectedFaces(At(0, {}), At(400'000, {box}), 200'000));
  EXPECT_FALSE(ExpectedFaces(At(0, {box}), At(400'000, {elsewhere}), 200'000)) << "it may have run";
  EXPECT_FALSE(ExpectedFaces(At(0, {box}), At(400'000, {larger}), 200'000)) << "nobody grows fourfold";
  EXPECT_THAT(*ExpectedFaces(At(0, {}), At(400'000, {}), 200'000), IsEmpty());
}

TEST(ExpectedFaces, WhatIsHardlyAFaceComesAndGoes) {
  const cv::Rect2f gone(10, 10, 30, 30), come(600, 300, 30, 30);
  EXPECT_THAT(*ExpectedFaces(At(0, {gone}, false), At(400'000, {come}, false), 200'000),
              ElementsAre(gone, come));
}

TEST(ExpectedFaces, TheNearestAreTakenForOne) {
  const cv::Rect2f a(100, 100, 40, 40), b(180, 100, 40, 40);
  const auto moved = [](const cv::Rect2f& box) { return box + cv::Point2f(10, 0); };
  const auto expected = *ExpectedFaces(At(0, {a, b}), At(400'000, {moved(b), moved(a)}), 200'000);
  ASSERT_THAT(expected, SizeIs(2));
  EXPECT_TRUE(std::any_of(expected.begin(), expected.end(), [&](const auto& box) {
    return Holds(box, a + cv::Point2f(5, 0)) && box.width < 60;
  }));
}

TEST(ExpectedFaces, NobodyIsLeftOut) {
  EXPECT_TRUE(rc::check([] {
    const auto any_boxes = [] {
      std::vector<cv::Rect2f> boxes(static_cast<size_t>(AnyIn(0, 6)));
      for (cv::Rect2f& box : boxes) {
        const auto side = static_cast<float>(AnyIn(5, 90));
        box = {static_cast<float>(AnyIn(0, 500)), static_cast<float>(AnyIn(0, 300)), side, side};
      }
      return boxes;
    };
    const auto before = any_boxes(), after = any_boxes();
    const auto expected = *ExpectedFaces(At(0, before, false), At(400'000, after, false), AnyIn(0, 400'000));
    RC_ASSERT(expected.size() >= std::max(before.size(), after.size()));
    RC_ASSERT(expected.size() <= before.size() + after.size());
    // Whoever is seen both times is expected on the way; all others where they were seen.
    const auto stays =
        static_cast<size_t>(std::count_if(expected.begin(), expected.end(), [&](const auto& box) {
          return std::find(before.begin(), before.end(), box) != before.end() ||
                 std::find(after.begin(), after.end(), box) != after.end();
        }));
    RC_ASSERT(stays + std::min(before.size(), after.size()) >= expected.size());
  }));
}

TEST(ShowsSomethingElse, ThanItsNeighboursAndTheFacesThatAreExpected) {
  const cv::Size frame(1600, 900);
  cv::Mat scene(90, 160, CV_8UC1, cv::Scalar(90));
  cv::Mat somebody = scene.clone();
  somebody(cv::Rect(80, 40, 10, 14)) = 200;
  const cv::Rect2f there(800, 400, 100, 140), elsewhere(100, 100, 100, 140);
  EXPECT_FALSE(ShowsSomethingElse(scene, scene, scene, {}, frame));
  EXPECT_TRUE(ShowsSomethingElse(scene, somebody, scene, {}, frame));
  EXPECT_TRUE(ShowsSomethingElse(scene, somebody, scene, {elsewhere}, frame));
  EXPECT_FALSE(ShowsSomethingElse(scene, somebody, scene, {elsewhere, there}, frame)) << "looked at anyway";
  EXPECT_FALSE(ShowsSomethingElse(scene, somebody, somebody, {}, frame)) << "the next look meets them";
  EXPECT_TRUE(ShowsSomethingElse(scene, scene, cv::Mat(160, 90, CV_8UC1, cv::Scalar(90)), {}, frame));
  const cv::Rect2f beyond(-3000, -200, 100, 100), far(5000, 2000, 100, 100);
  EXPECT_TRUE(ShowsSomethingElse(scene, somebody, scene, {beyond, far}, frame));
}

}  // namespace
}  // namespace crossface
