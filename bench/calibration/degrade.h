// Makes good face pictures as bad as video makes them. Pure functions of picture and seed.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>

namespace crossface::bench {

// Shrinks the picture to between an eighth and all of its size, after one or two of: turning it in its plane,
// defocus, motion blur; before one or two of: darkening, over-exposure, sensor noise, heavy JPEG. The centre
// stays the centre. CV_8UC3; the same seed gives the same picture.
cv::Mat Degrade(const cv::Mat& bgr, uint64_t seed);

}  // namespace crossface::bench
