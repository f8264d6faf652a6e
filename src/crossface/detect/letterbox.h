// Brings a picture into the shape a detector net takes. Pure functions, thread-safe.
#pragma once

#include <array>
#include <opencv2/core.hpp>

#include "crossface/inference/session.h"

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

struct Letterbox {
  Tensor tensor;    // [1,3,h,w], h and w multiples of 32, padded with the value of a black pixel
  float scale = 1;  // net pixels per picture pixel
  int width = 0, height = 0;  // of the tensor
};

// Resizes so that the longest side is `longest_side`, and pads right and bottom to multiples of 32.
Letterbox MakeLetterbox(const cv::Mat& bgr, int longest_side, const PixelScaling& scaling);

}  // namespace crossface
