// The pixels of one frame that libav decoded, shared with the decoder and converted only when asked for.
#pragma once

#include <opencv2/core.hpp>

#include "crossface/media/frame.h"
#include "crossface/media/libav.h"
#include "crossface/media/orientation.h"

namespace crossface {

class LibavPicture final : public Picture {
 public:
  // `size` is the stored size of the source's first frame: a frame of another size (streams may change it) is
  // scaled to it, so that coordinates mean the same throughout a source. `square`: that size once its pixels
  // are square.
  LibavPicture(LibavPtr<AVFrame> frame, cv::Size size, cv::Size square, Orientation orientation)
      : frame_(std::move(frame)), size_(size), square_(square), orientation_(orientation) {}

  Result<cv::Mat> Luma(int longest_side) const override;
  Result<cv::Mat> Bgr() const override;

 private:
  const LibavPtr<AVFrame> frame_;
  const cv::Size size_, square_;
  const Orientation orientation_;
};

// The other way round: fills `frame`, allocated YUV of its size and with its colour description set, from
// CV_8UC3 BGR of the same size, by the matrix that Bgr() would take for it. Thread-safe. Errors:
// kUnsupported, kInternal.
Status ConvertFromBgr(const cv::Mat& bgr, AVFrame* frame);

}  // namespace crossface
