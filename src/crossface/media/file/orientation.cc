#include "crossface/media/file/orientation.h"

#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace crossface {

Orientation OrientationFromMatrix(const int32_t* matrix) {
  // x' = a x + c y, y' = b x + d y, with y downwards.
  double a = matrix[0], b = matrix[1];
  const double c = matrix[3], d = matrix[4];
  if (!(std::hypot(a, b) > 0) || !(std::hypot(c, d) > 0)) return {};
  Orientation orientation;
  if (a * d - b * c < 0) {
    orientation.mirrored = true;
    a = -a;
    b = -b;
  }
  const auto quarters = std::lround(std::atan2(b, a) / (std::numbers::pi / 2));
  orientation.clockwise = static_cast<int>((quarters + 4) % 4) * 90;
  return orientation;
}

Orientation OrientationFromExif(int64_t value) {
  switch (value) {
    case 2:
      return {0, true};
    case 3:
      return {180, false};
    case 4:
      return {180, true};
    case 5:
      return {270, true};
    case 6:
      return {90, false};
    case 7:
      return {90, true};
    case 8:
      return {270, false};
    default:
      return {};
  }
}

cv::Mat TurnUpright(const cv::Mat& stored, const Orientation& orientation) {
  cv::Mat picture = stored;
  if (orientation.mirrored) {
    cv::Mat flipped;
    cv::flip(picture, flipped, 1);
    picture = flipped;
  }
  if (orientation.clockwise == 0) return picture;
  cv::Mat turned;
  cv::rotate(picture, turned,
             orientation.clockwise == 90    ? cv::ROTATE_90_CLOCKWISE
             : orientation.clockwise == 180 ? cv::ROTATE_180
                                            : cv::ROTATE_90_COUNTERCLOCKWISE);
  return turned;
}

}  // namespace crossface
