#include "crossface/media/file/orientation.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace crossface {
namespace {

// 1 2
// 3 4
// 5 6
const cv::Mat kStored = (cv::Mat_<uint8_t>(3, 2) << 1, 2, 3, 4, 5, 6);

std::vector<int> Pixels(const cv::Mat& picture) {
  std::vector<int> pixels{picture.rows, picture.cols};
  for (int y = 0; y < picture.rows; ++y) {
    for (int x = 0; x < picture.cols; ++x) pixels.push_back(picture.at<uint8_t>(y, x));
  }
  return pixels;
}

// By the definition in CIPA DC-008: where the stored picture's first row and first column are in the upright
// one.
TEST(Orientation, FollowsExifsDefinition) {
  const std::array<std::vector<int>, 8> kUpright = {{{3, 2, 1, 2, 3, 4, 5, 6},    // top, left
                                                     {3, 2, 2, 1, 4, 3, 6, 5},    // top, right
                                                     {3, 2, 6, 5, 4, 3, 2, 1},    // bottom, right
                                                     {3, 2, 5, 6, 3, 4, 1, 2},    // bottom, left
                                                     {2, 3, 1, 3, 5, 2, 4, 6},    // left, top
                                                     {2, 3, 5, 3, 1, 6, 4, 2},    // right, top
                                                     {2, 3, 6, 4, 2, 5, 3, 1},    // right, bottom
                                                     {2, 3, 2, 4, 6, 1, 3, 5}}};  // left, bottom
  for (int value = 1; value <= 8; ++value) {
    const Orientation orientation = OrientationFromExif(value);
    const cv::Mat upright = TurnUpright(kStored, orientation);
    EXPECT_EQ(Pixels(upright), kUpright[static_cast<size_t>(value) - 1]) << "orientation " << value;
    EXPECT_EQ(orientation.Upright(kStored.size()), upright.size());
  }
  for (int value : {-1, 0, 9}) EXPECT_TRUE(OrientationFromExif(value).identity());
}

TEST(Orientation, FollowsTheDisplayMatrix) {
  constexpr int32_t kOne = 1 << 16, kEnd = 1 << 30;
  // Clockwise by 90: the x axis (1, 0) goes to (0, 1), downwards.
  const int32_t quarter[9] = {0, kOne, 0, -kOne, 0, 0, 0, 0, kEnd};
  EXPECT_EQ(Pixels(TurnUpright(kStored, OrientationFromMatrix(quarter))),
            Pixels(TurnUpright(kStored, {90, false})));
  EXPECT_EQ(OrientationFromMatrix(quarter).clockwise, 90);
  const int32_t half[9] = {-kOne, 0, 0, 0, -kOne, 0, 0, 0, kEnd};
  EXPECT_EQ(OrientationFromMatrix(half).clockwise, 180);
  const int32_t three[9] = {0, -kOne, 0, kOne, 0, 0, 0, 0, kEnd};
  EXPECT_EQ(OrientationFromMatrix(three).clockwise, 270);
  const int32_t upside_down_mirror[9] = {kOne, 0, 0, 0,   -kOne,
                                         0,    0, 0, kEnd};  // top and bottom changed places
  EXPECT_EQ(Pixels(TurnUpright(kStored, OrientationFromMatrix(upside_down_mirror))),
            (std::vector<int>{3, 2, 5, 6, 3, 4, 1, 2}));
  const int32_t zero[9] = {};
  EXPECT_TRUE(OrientationFromMatrix(zero).identity());
  const int32_t tilted[9] = {kOne, kOne / 50, 0, -kOne / 50, kOne, 0, 0, 0, kEnd};
  EXPECT_TRUE(OrientationFromMatrix(tilted).identity());
}

TEST(Orientation, OneRelativeToAnotherTurnsThePictureIntoItsPlace) {
  cv::Mat picture(2, 3, CV_8UC1);
  for (int i = 0; i < 6; ++i) picture.at<uint8_t>(i / 3, i % 3) = static_cast<uint8_t>(i);
  for (int64_t a = 1; a <= 8; ++a) {
    for (int64_t b = 1; b <= 8; ++b) {
      const Orientation wanted = OrientationFromExif(a), other = OrientationFromExif(b);
      const cv::Mat direct = TurnUpright(picture, wanted),
                    by_way = TurnUpright(TurnUpright(picture, wanted.RelativeTo(other)), other);
      ASSERT_EQ(direct.size(), by_way.size()) << a << " " << b;
      EXPECT_EQ(cv::norm(direct, by_way), 0) << a << " " << b;
    }
  }
}

}  // namespace
}  // namespace crossface
