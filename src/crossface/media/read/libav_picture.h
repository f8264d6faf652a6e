// The pixels of one frame that libav decoded, shared with the decoder and converted only when asked for.
#pragma once

#include <opencv2/core.hpp>
#include <utility>

#include "crossface/media/file/libav.h"
#include "crossface/media/read/frame.h"
#include "crossface/media/read/frame_fitter.h"

namespace crossface {

class LibavPicture final : public Picture {
 public:
  LibavPicture(LibavPtr<AVFrame> frame, const PictureLayout& layout)
      : frame_(std::move(frame)), layout_(layout) {}

  Result<cv::Mat> Luma(int longest_side) const override;
  cv::Mat Upright(const cv::Mat& luma) const override;
  Result<cv::Mat> Bgr() const override;
  Result<uint64_t> Digest() const override;

 private:
  const LibavPtr<AVFrame> frame_;
  const PictureLayout layout_;
};

// The other way round: fills `frame`, allocated YUV of its size and with its colour description set, from
// CV_8UC3 BGR of the same size, by the matrix that Bgr() would take for it. Thread-safe. Errors:
// kUnsupported, kInternal.
Status ConvertFromBgr(const cv::Mat& bgr, AVFrame* frame);

}  // namespace crossface
