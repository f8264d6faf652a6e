// Brings a picture into the shape a detector net takes. Pure functions, thread-safe.
#pragma once

#include <array>
#include <opencv2/core.hpp>

#include "crossface/detect/detection.h"
#include "crossface/inference/engine/session.h"

namespace crossface {

enum class ChannelOrder { kBgr, kRgb };

// net value = (pixel - mean) * scale, per channel in the net's order
struct PixelScaling {
  ChannelOrder order = ChannelOrder::kRgb;
  std::array<float, 3> mean{127.5f, 127.5f, 127.5f};
  float scale = 1 / 128.0f;
};

// `bgr` (CV_8UC3) as a [1,3,h,w] tensor.
Tensor PictureToTensor(const cv::Mat& bgr, const PixelScaling& scaling);

// Writes one picture into a batch tensor at position `index`; the picture's size must be the tensor's.
void CopyPictureToBatch(const cv::Mat& bgr, const PixelScaling& scaling, Tensor* batch, int64_t index);

// The picture so that its longest side is `longest_side`, larger or smaller; no side gets shorter than one
// pixel. Shrunk by area averaging where it gets smaller than `area_below` of its size, else bilinearly: that
// is eight times faster. Throws std::logic_error when the picture is empty or not CV_8UC3, or the side is not
// positive.
cv::Mat ResizedToLongestSide(const cv::Mat& bgr, int longest_side, double area_below);

// A detection in a resized picture, in pixels of the picture that it was made from.
Detection InPicture(Detection face, const cv::Size& resized, const cv::Size& picture);

struct Letterbox {
  Tensor tensor;     // [1,3,h,w]: the resized picture, padded right and bottom with black to multiples of 32
  cv::Size resized;  // without the padding
  cv::Size padded;
};

// Errors: as ResizedToLongestSide.
Letterbox MakeLetterbox(const cv::Mat& bgr, int longest_side, const PixelScaling& scaling);

}  // namespace crossface
