#include "crossface/detect/nms.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace crossface {
namespace {

Detection Box(float x, float y, float width, float height, float score) {
  return {.box = {x, y, width, height}, .score = score};
}

rc::Gen<std::vector<Detection>> Detections() {
  const auto place = rc::gen::inRange(0, 40), size = rc::gen::inRange(1, 30), score = rc::gen::inRange(0, 8);
  return rc::gen::container<std::vector<Detection>>(
      rc::gen::map(rc::gen::tuple(place, place, size, size, score), [](const auto& values) {
        const auto& [x, y, width, height, eighths] = values;
        return Box(static_cast<float>(x), static_cast<float>(y), static_cast<float>(width),
                   static_cast<float>(height), static_cast<float>(eighths) / 8);
      }));
}

bool SameBoxes(const std::vector<Detection>& a, const std::vector<Detection>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Detection& x, const Detection& y) {
    return x.box == y.box && x.score == y.score;
  });
}

RC_GTEST_PROP(SuppressNonMaxima, KeepsABoxUnlessABetterKeptOneCoversIt, ()) {
  const auto all = *Detections();
  const auto kept = SuppressNonMaxima(all, 0.4f);
  for (size_t i = 0; i < kept.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      RC_ASSERT(kept[j].score >= kept[i].score);
      RC_ASSERT(IntersectionOverUnion(kept[i].box, kept[j].box) <= 0.4f);
    }
  }
  for (const Detection& one : all) {
    RC_ASSERT(std::any_of(kept.begin(), kept.end(), [&](const Detection& other) {
      return other.score >= one.score &&
             (other.box == one.box || IntersectionOverUnion(other.box, one.box) > 0.4f);
    }));
  }
}

RC_GTEST_PROP(SuppressNonMaxima, DoesNotDependOnTheOrderOfTheBoxes, ()) {
  auto detections = *Detections();
  const auto kept = SuppressNonMaxima(detections, 0.5f);
  std::reverse(detections.begin(), detections.end());
  RC_ASSERT(SameBoxes(SuppressNonMaxima(detections, 0.5f), kept));
  std::rotate(detections.begin(), detections.begin() + static_cast<long>(detections.size() / 3),
              detections.end());
  RC_ASSERT(SameBoxes(SuppressNonMaxima(detections, 0.5f), kept));
}

TEST(SuppressNonMaxima, ASmallBoxInsideALargeOneGoesByTheSmallerMeasureOnly) {
  const std::vector<Detection> nested = {Box(0, 0, 100, 100, 0.9f), Box(10, 10, 20, 20, 0.8f)};
  EXPECT_EQ(SuppressNonMaxima(nested, 0.7f).size(), 2u);
  EXPECT_EQ(SuppressNonMaxima(nested, 0.7f, OverlapMeasure::kSmaller).size(), 1u);
}

TEST(SuppressNonMaxima, ASuppressedBoxSuppressesNothing) {
  // Each overlaps its neighbour by 0.6, and the first and the last overlap by a third.
  const std::vector<Detection> row = {Box(0, 0, 40, 10, 0.9f), Box(10, 0, 40, 10, 0.8f),
                                      Box(20, 0, 40, 10, 0.7f)};
  const auto kept = SuppressNonMaxima(row, 0.4f);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[1].box, row[2].box);
}

TEST(NonMaxima, GivesPositionsBestFirstAndTiesFromTheLeft) {
  const std::vector<cv::Rect2f> boxes = {{50, 0, 5, 5}, {0, 0, 5, 5}, {20, 0, 5, 5}};
  EXPECT_EQ(NonMaxima(boxes, std::vector<float>{0.5f, 0.5f, 0.6f}, 0.5f), (std::vector<size_t>{2, 1, 0}));
  EXPECT_TRUE(NonMaxima({}, {}, 0.5f).empty());
}

}  // namespace
}  // namespace crossface
