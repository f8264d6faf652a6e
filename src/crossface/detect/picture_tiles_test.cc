#include "crossface/detect/picture_tiles.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace crossface {
namespace {

// The whole range from the first test on.
int AnyIn(int least, int most) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(least, most + 1));
}

TEST(PictureTiles, ShowsEverythingSmallWholeInsideThePicture) {
  EXPECT_TRUE(rc::check([] {
    const cv::Size picture(AnyIn(1, 3000), AnyIn(1, 3000));
    const int side = AnyIn(50, 1000);
    const int overlap = AnyIn(1, side - 1);
    RC_PRE(std::max(picture.width, picture.height) / (side - overlap) < 60);
    const auto tiles = PictureTiles(picture, side, overlap);
    for (const cv::Rect& tile : tiles) {
      RC_ASSERT((tile & cv::Rect(cv::Point(), picture)) == tile);
      RC_ASSERT(tile.width <= side && tile.height <= side);
    }
    const cv::Size small(AnyIn(1, std::min(overlap, picture.width)),
                         AnyIn(1, std::min(overlap, picture.height)));
    const cv::Rect thing(
        cv::Point(AnyIn(0, picture.width - small.width), AnyIn(0, picture.height - small.height)), small);
    RC_ASSERT(std::any_of(tiles.begin(), tiles.end(),
                          [&](const cv::Rect& tile) { return (tile & thing) == thing; }));
  }));
}

TEST(PictureTiles, IsOneTileForAPictureThatFits) {
  EXPECT_EQ(PictureTiles({800, 600}, 960, 160), std::vector{cv::Rect(0, 0, 800, 600)});
  EXPECT_EQ(PictureTiles({3840, 2160}, 960, 160).size(), 5u * 3u);
}

TEST(PictureTiles, RefusesAnOverlapThatNeverAdvances) {
  EXPECT_THROW(PictureTiles({800, 600}, 100, 100), std::logic_error);
}

TEST(IsCutByTile, MindsOnlyEdgesInsideThePicture) {
  const cv::Size picture(1000, 1000);
  const cv::Rect corner(0, 0, 500, 500);
  EXPECT_FALSE(IsCutByTile({-3, -3, 50, 50}, corner, picture));
  EXPECT_TRUE(IsCutByTile({460, 10, 50, 50}, corner, picture));
  EXPECT_TRUE(IsCutByTile({10, 460, 50, 50}, corner, picture));
  EXPECT_FALSE(IsCutByTile({440, 440, 50, 50}, corner, picture));
  const cv::Rect middle(250, 250, 500, 500);
  EXPECT_TRUE(IsCutByTile({-3, 100, 50, 50}, middle, picture));
  EXPECT_TRUE(IsCutByTile({100, -3, 50, 50}, middle, picture));
}

}  // namespace
}  // namespace crossface
