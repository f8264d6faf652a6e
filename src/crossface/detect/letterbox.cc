#include "crossface/detect/letterbox.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace crossface {
namespace {

constexpr int kLargestStride = 32;

int PaddedSize(int size) { return (size + kLargestStride - 1) / kLargestStride * kLargestStride; }

}  // namespace

void CopyPictureToBatch(const cv::Mat& bgr, const PixelScaling& scaling, Tensor* batch, int64_t index) {
  const size_t plane = static_cast<size_t>(bgr.rows) * static_cast<size_t>(bgr.cols);
  float* out = batch->data.data() + static_cast<size_t>(index) * 3 * plane;
  const int first = scaling.order == ChannelOrder::kBgr ? 0 : 2, third = 2 - first;
  float* planes[3] = {out + static_cast<size_t>(first) * plane, out + plane, out + static_cast<size_t>(third) * plane};
  // By position in the picture (BGR): the mean that belongs to the channel's place in the net.
  const float mean[3] = {scaling.mean[static_cast<size_t>(first)], scaling.mean[1], scaling.mean[static_cast<size_t>(third)]};
  for (int y = 0; y < bgr.rows; ++y) {
    const uint8_t* pixel = bgr.ptr<uint8_t>(y);
    const size_t row = static_cast<size_t>(y) * static_cast<size_t>(bgr.cols);
    float *b = planes[0] + row, *g = planes[1] + row, *r = planes[2] + row;
    for (int x = 0; x < bgr.cols; ++x) {
      b[x] = (static_cast<float>(pixel[3 * x]) - mean[0]) * scaling.scale;
      g[x] = (static_cast<float>(pixel[3 * x + 1]) - mean[1]) * scaling.scale;
      r[x] = (static_cast<float>(pixel[3 * x + 2]) - mean[2]) * scaling.scale;
    }
  }
}

Tensor PictureToTensor(const cv::Mat& bgr, const PixelScaling& scaling) {
  Tensor tensor{.shape = {1, 3, bgr.rows, bgr.cols}};
  tensor.data.resize(static_cast<size_t>(bgr.rows) * static_cast<size_t>(bgr.cols) * 3);
  CopyPictureToBatch(bgr, scaling, &tensor, 0);
  return tensor;
}

Letterbox MakeLetterbox(const cv::Mat& bgr, int longest_side, const PixelScaling& scaling) {
  Letterbox box;
  box.scale = static_cast<float>(longest_side) / static_cast<float>(std::max(bgr.cols, bgr.rows));
  const cv::Size size(std::max(1, static_cast<int>(std::lround(static_cast<float>(bgr.cols) * box.scale))),
                      std::max(1, static_cast<int>(std::lround(static_cast<float>(bgr.rows) * box.scale))));
  box.width = PaddedSize(size.width);
  box.height = PaddedSize(size.height);
  cv::Mat padded(box.height, box.width, CV_8UC3, cv::Scalar::all(0));
  cv::Mat inside = padded(cv::Rect(cv::Point(), size));
  // Bilinear is what the nets were measured with; far below half size it would skip pixels, so that area averaging takes over.
  const int interpolation = box.scale < 0.5f ? cv::INTER_AREA : cv::INTER_LINEAR;
  cv::resize(bgr, inside, size, 0, 0, interpolation);
  box.tensor = PictureToTensor(padded, scaling);
  return box;
}

}  // namespace crossface
