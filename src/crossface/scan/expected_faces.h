// Where faces may be in a frame that lies between two others in which they were found. Pure functions,
// thread-safe.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace crossface {

// Faces of a frame, and when it was; pixels of the frame.
struct FacesAt {
  int64_t time_us = 0;
  std::vector<cv::Rect2f> boxes;
};

// Boxes to look around at `time_us`, which lies between the others' times. Faces before and after that can be
// one that moved are expected on the way, in a box that grows with the way; every other one where it is.
std::vector<cv::Rect2f> ExpectedFaces(const FacesAt& before, const FacesAt& after, int64_t time_us);

}  // namespace crossface
