#include "crossface/scan/tile_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace crossface {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

const cv::Size kFrame(1920, 1080);
const std::vector<cv::Rect> kTiles = {
    {0, 0, 960, 600}, {960, 0, 960, 600}, {0, 480, 960, 600}, {960, 480, 960, 600}};

cv::Mat Grey(int level = 90) { return cv::Mat(90, 160, CV_8UC1, cv::Scalar(level)); }
cv::Mat With(cv::Mat grey, const cv::Point& at, int level) {
  grey.at<uchar>(at) = static_cast<uchar>(level);
  return grey;
}

class TileMemoryTest : public ::testing::Test {
 protected:
  std::vector<cv::Rect> Changed(const cv::Mat& grey) { return memory_.Changed(grey, kTiles, kFrame); }
  TileMemory memory_;
};

TEST_F(TileMemoryTest, AtFirstAllThenWhatChanges) {
  EXPECT_THAT(Changed(Grey()), ElementsAreArray(kTiles));
  EXPECT_THAT(Changed(Grey()), IsEmpty());
  EXPECT_THAT(Changed(Grey(93)), IsEmpty()) << "noise";
  EXPECT_THAT(Changed(With(Grey(), {5, 5}, 120)), ElementsAre(kTiles[0]));
  EXPECT_THAT(Changed(With(Grey(), {5, 5}, 120)), IsEmpty());
  EXPECT_THAT(Changed(Grey()), ElementsAre(kTiles[0])) << "who has gone leaves a change too";
  EXPECT_THAT(Changed(With(Grey(), {159, 89}, 60)), ElementsAre(kTiles[3]));
}

TEST_F(TileMemoryTest, WhatTilesShareIsLookedAtInEachOfThem) {
  Changed(Grey());
  EXPECT_THAT(Changed(With(Grey(), {20, 45}, 120)), ElementsAre(kTiles[0], kTiles[2]));
}

TEST_F(TileMemoryTest, WhatChangesSlowlyHasChangedInTheEnd) {
  Changed(Grey());
  int looked = 0;
  for (int level = 90; level <= 130; ++level)
    looked += Changed(With(Grey(), {150, 10}, level)).empty() ? 0 : 1;
  EXPECT_EQ(looked, 4) << "each nine levels";
}

TEST_F(TileMemoryTest, InTheDarkLessIsAChangeAndNothingIsLeftOutInTheDarkest) {
  Changed(Grey(30));
  EXPECT_THAT(Changed(With(Grey(30), {5, 5}, 36)), ElementsAre(kTiles[0]));
  Changed(Grey(90));
  EXPECT_THAT(Changed(With(Grey(90), {5, 5}, 96)), IsEmpty());
  Changed(Grey(10));
  EXPECT_THAT(Changed(Grey(10)), ElementsAreArray(kTiles));
}

TEST_F(TileMemoryTest, AnotherShotOrAnotherSizeBeginsAnew) {
  Changed(Grey());
  memory_.Forget();
  EXPECT_THAT(Changed(Grey()), ElementsAreArray(kTiles));
  EXPECT_THAT(Changed(cv::Mat(60, 160, CV_8UC1, cv::Scalar(90))), ElementsAreArray(kTiles));
}

}  // namespace
}  // namespace crossface
