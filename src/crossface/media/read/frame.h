// One decoded picture with its place in the source. PTS is the authority for time; the index is only its
// ordinal.
//
// A Frame is cheap to copy: it shares the decoder's buffer, and converts to BGR only when asked, because most
// frames are looked at in grey and never kept. Thread-safe to read from several threads once returned by a
// FrameReader.
#pragma once

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>

#include "crossface/util/status.h"

namespace crossface {

// The pixels behind a Frame; implemented by the readers.
class Picture {
 public:
  virtual ~Picture() = default;
  // CV_8UC1 full-range luma, longest side at most `longest_side` (never enlarged), as stored: neither turned
  // nor stretched, since brightness and motion do not depend on it.
  virtual Result<cv::Mat> Luma(int longest_side) const = 0;
  // What Luma gave, turned and framed as what Bgr gives, so that the two can be laid over each other; not
  // stretched.
  virtual cv::Mat Upright(const cv::Mat& luma) const { return luma; }
  // CV_8UC3, BGR, full size, upright and with square pixels (media/file/geometry.h).
  virtual Result<cv::Mat> Bgr() const = 0;
  // A number that all goes into that the others give: every pixel as decoded, what its colours mean, how it
  // lies. The same wherever the same picture is decoded, and another one for another picture, as good as
  // surely. For telling mishaps, not attackers.
  virtual Result<uint64_t> Digest() const = 0;
};

// Frames closer together than this, several times in a row, come from no camera: their time stamps are wrong.
// Slow motion of telephones has 240 frames a second.
inline constexpr int64_t kDensestFrameUs = 4'000;
inline constexpr int kDenseRun = 8;

struct Frame {
  int64_t index = 0;        // 0 for the source's first decoded frame
  int64_t pts = 0;          // in ticks of the stream's time base
  int64_t time_us = 0;      // since the source's first frame
  int64_t duration_us = 0;  // until the next frame, as far as known; 0 for an image
  std::shared_ptr<const Picture> picture;

  int64_t time_ms() const { return (time_us + 500) / 1000; }
};

}  // namespace crossface
