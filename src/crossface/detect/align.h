// Cuts faces out of frames in the ways the nets were trained with. Pure functions, thread-safe. All pictures
// CV_8UC3 BGR.
#pragma once

#include <opencv2/core.hpp>

#include "crossface/detect/detection.h"

namespace crossface {

// The 2x3 similarity (rotation, scale, shift) that maps the landmarks onto the 112x112 template of ArcFace in
// the least-squares sense (Umeyama, PAMI 1991).
cv::Matx23f AlignmentTransform(const Landmarks& landmarks);

// 112x112, the five-point alignment that the ArcFace nets expect.
cv::Mat AlignedFace(const cv::Mat& bgr, const Landmarks& landmarks);

// The box enlarged by `margin` (0.1 = ten per cent of its size in all), made square when asked, moved inside
// nothing: parts outside the picture repeat its edge. Resized to side x side (area when shrinking, linear
// when growing).
cv::Mat BoxCrop(const cv::Mat& bgr, const cv::Rect2f& box, float margin, bool square, int side);

}  // namespace crossface
