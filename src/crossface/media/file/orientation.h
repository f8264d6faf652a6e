// How a stored picture is turned to stand upright. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>

namespace crossface {

// First mirrored left to right, when it says so, then turned.
struct Orientation {
  int clockwise = 0;  // degrees: 0, 90, 180 or 270
  bool mirrored = false;

  cv::Size Upright(cv::Size stored) const {
    return clockwise % 180 == 0 ? stored : cv::Size(stored.height, stored.width);
  }
  bool identity() const { return clockwise == 0 && !mirrored; }
  // What a picture has to be turned by so that `other`, applied to it, turns it as this does.
  Orientation RelativeTo(const Orientation& other) const {
    const bool mirror = mirrored != other.mirrored;
    // Turning a mirrored picture clockwise is turning it the other way before it is mirrored.
    const int turn = (clockwise - other.clockwise + 360) % 360;
    return {other.mirrored ? (360 - turn) % 360 : turn, mirror};
  }
  bool operator==(const Orientation&) const = default;
};

// From a container's display matrix: nine numbers as libav hands them out (AV_PKT_DATA_DISPLAYMATRIX), the
// first two rows' first two being the linear part in 16.16 fixed point. Angles in between go to the nearest
// quarter turn.
Orientation OrientationFromMatrix(const int32_t* matrix);

// From EXIF's Orientation, 1 to 8 (CIPA DC-008, 4.6.4); other values mean upright.
Orientation OrientationFromExif(int64_t value);

// The upright picture. A copy only where something has to change.
cv::Mat TurnUpright(const cv::Mat& stored, const Orientation& orientation);

}  // namespace crossface
