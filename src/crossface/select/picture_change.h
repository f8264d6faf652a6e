// What happened between two small grey pictures: the statistics and comparisons that frame selection decides
// by. Pictures are CV_8UC1. PictureComparer holds scratch memory: one per thread; the free functions are
// pure.
#pragma once

#include <memory>
#include <opencv2/core.hpp>

namespace crossface {

struct LumaStatistics {
  double mean = 0;    // 0..255
  double bright = 0;  // the luma that 1 % of the pixels exceed
  double range = 0;   // bright minus the luma that 1 % of the pixels fall below
};

LumaStatistics MeasureLuma(const cv::Mat& grey);

// A 64x36 picture in float, and how alike two of them are: the correlation -1..1 of their pixels, which a
// change of light does not disturb (1 for two flat ones).
cv::Mat MakeThumbnail(const cv::Mat& grey);
double ThumbnailCorrelation(const cv::Mat& a, const cv::Mat& b);

// The largest mean absolute difference over blocks of 8x8 pixels, in grey levels.
double LargestBlockDifference(const cv::Mat& a, const cv::Mat& b);

// How far, in grey levels, `now` differs from the pictures before and after it where these are alike: what
// stands in it alone, and not what moves on or comes to stay. CV_32FC1, a value for each block of 8x8 pixels
// (about, at sides that 8 does not divide). Of pictures of the same size.
cv::Mat PassingDifference(const cv::Mat& before, const cv::Mat& now, const cv::Mat& after);

// How one picture became another, by dense optical flow.
struct PictureMotion {
  double mean = 0;     // length of the flow, pixels
  double largest = 0;  // of the mean flows of blocks of 8x8 pixels, pixels
  double unexplained =
      0;  // share 0..1 of the contrast in `to` that the moved `from` does not show in the same place
};

class PictureComparer {
 public:
  PictureComparer();
  ~PictureComparer();
  // Pictures of the same size. Ones too small for flow (a side under 16 pixels) are compared as if nothing
  // moved.
  PictureMotion Compare(const cv::Mat& from, const cv::Mat& to);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace crossface
