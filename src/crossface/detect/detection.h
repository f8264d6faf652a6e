// What a detector reports, and the set of detectors that saw a face. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <opencv2/core.hpp>

#include "crossface/detect/detector_kind.h"

namespace crossface {

// left eye, right eye, nose, left mouth corner, right mouth corner; left as seen in the picture. Pixels.
using Landmarks = std::array<cv::Point2f, 5>;

struct Detection {
  cv::Rect2f box;   // pixels of the picture that was searched; may reach past its edges
  float score = 0;  // the detector's own 0..1, or the fused score
  Landmarks landmarks{};
  DetectorSet seen_by;  // detectors that reported it
  DetectorSet looked;   // detectors that were asked about this place; seen_by is a subset
};

// Intersection over union, 0..1.
float IntersectionOverUnion(const cv::Rect2f& a, const cv::Rect2f& b);

}  // namespace crossface
