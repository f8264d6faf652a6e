#include "crossface/scan/tile_memory.h"

#include <algorithm>

namespace crossface {
namespace {

// Grey levels, of the mean of a pixel of KeptFrame::grey: 12 by 12 pixels at 1920x1080. Newcomers of 20 to 45
// pixels before a camera that stands still (bench/newcomers --scene still --size 1920x1080 --high 30 70, 54
// of them, in daylight and with --light .2): tracks found with every tile searched, and with this at 8 / 16 /
// 32: 36, 36 / 36 / 34 and 33, 33 / 33 / 28; CPU seconds of tiles 15.5, 1.4 / 1.5 / 1.3. Tiles of a televised
// debate in which nothing moves differ by 2 to 9.
constexpr double kChanged = 8;

// In darker pictures a difference counts for more, as their contrasts are stretched before they are searched
// (BrightenDim); below a quarter of it noise is as large.
constexpr double kDimMean = 60;

// Pixels of `grey`, which is of a picture of `size`.
cv::Rect PartOf(const cv::Rect& tile, const cv::Mat& grey, const cv::Size& size) {
  const double across = static_cast<double>(grey.cols) / size.width,
               down = static_cast<double>(grey.rows) / size.height;
  const cv::Rect part(cv::Point(cvFloor(tile.x * across), cvFloor(tile.y * down)),
                      cv::Point(cvCeil(tile.br().x * across), cvCeil(tile.br().y * down)));
  return part & cv::Rect(cv::Point(), grey.size());
}

}  // namespace

std::vector<cv::Rect> TileMemory::Changed(const cv::Mat& grey, const std::vector<cv::Rect>& tiles,
                                          const cv::Size& size) {
  const double light = std::min(1.0, cv::mean(grey)[0] / kDimMean);
  if (seen_.size() != grey.size() || light < 0.25) {
    seen_ = grey.clone();
    return tiles;
  }
  cv::Mat difference;
  cv::absdiff(seen_, grey, difference);
  std::vector<cv::Rect> changed;
  for (const cv::Rect& tile : tiles) {
    double most = 0;
    cv::minMaxLoc(difference(PartOf(tile, grey, size)), nullptr, &most);
    if (most > light * kChanged) changed.push_back(tile);
  }
  for (const cv::Rect& tile : changed) {
    const cv::Rect part = PartOf(tile, grey, size);
    grey(part).copyTo(seen_(part));
  }
  return changed;
}

}  // namespace crossface
