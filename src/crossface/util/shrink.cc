#include "crossface/util/shrink.h"

#include <opencv2/imgproc.hpp>

namespace crossface {
namespace {

bool IsOddMultiple(int length, int of) { return length % of == 0 && length / of % 2 == 1; }

}  // namespace

cv::Mat ShrinkByArea(const cv::Mat& picture, const cv::Size& size) {
  cv::Mat from = picture;
  const auto may_be_halved = [&] {
    const bool is_exact = IsOddMultiple(from.cols, size.width) && IsOddMultiple(from.rows, size.height);
    return !is_exact && from.cols % 2 == 0 && from.rows % 2 == 0 && from.cols >= 2 * size.width &&
           from.rows >= 2 * size.height;
  };
  while (may_be_halved()) {
    cv::Mat halved;
    cv::resize(from, halved, from.size() / 2, 0, 0, cv::INTER_AREA);
    from = halved;
  }
  cv::Mat shrunk;
  cv::resize(from, shrunk, size, 0, 0, cv::INTER_AREA);
  return shrunk;
}

}  // namespace crossface
