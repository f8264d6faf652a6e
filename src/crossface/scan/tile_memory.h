// Which tiles of a shot's pictures have changed since they were last searched. Depends on the pictures alone.
// Not thread-safe.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace crossface {

class TileMemory {
 public:
  // Those of `tiles` of a frame of `size` in which `grey` (KeptFrame::grey, upright) shows something else
  // than when they were last among the answer; all of them where there is nothing to compare with, and where
  // it is so dark that a difference could hide.
  std::vector<cv::Rect> Changed(const cv::Mat& grey, const std::vector<cv::Rect>& tiles,
                                const cv::Size& size);
  // Another shot begins.
  void Forget() { seen_ = cv::Mat(); }

 private:
  cv::Mat seen_;  // each tile's part as it was when it was last searched
};

}  // namespace crossface
