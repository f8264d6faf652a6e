// Where faces may be in a frame that lies between two others in which they were found. Pure functions,
// thread-safe.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <vector>

namespace crossface {

// Faces of a frame, and when it was; pixels of the frame.
struct FacesAt {
  struct Face {
    cv::Rect2f box;
    bool sure = true;  // false: more likely none than one
  };
  int64_t time_us = 0;
  std::vector<Face> faces;
};

// Boxes to look around at `time_us`, which lies between the others' times. Faces before and after that can be
// one that moved are expected on the way, in a box that grows with the way; those that are hardly faces where
// they are. Nothing where one that is sure has come or gone: it may move so fast that nobody knows where it
// is.
std::optional<std::vector<cv::Rect2f>> ExpectedFaces(const FacesAt& before, const FacesAt& after,
                                                     int64_t time_us);

// Whether the frame between shows something that neither neighbour does, apart from where faces are expected:
// perhaps somebody who stays for one look only. Boxes are pixels of a frame of `size`; pictures are
// KeptFrame::grey.
bool ShowsSomethingElse(const cv::Mat& before, const cv::Mat& between, const cv::Mat& after,
                        const std::vector<cv::Rect2f>& expected, const cv::Size& size);

}  // namespace crossface
