#include "crossface/detect/align.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

namespace crossface {
namespace {

constexpr int kAlignedSide = 112;
// The five points of InsightFace's 112x112 training crops.
constexpr std::array<std::array<double, 2>, 5> kTemplate = {
    {{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}}};

void RequireColourPicture(const cv::Mat& bgr) {
  if (bgr.empty() || bgr.type() != CV_8UC3)
    throw std::logic_error("a face is cut out of CV_8UC3 pictures only");
}

}  // namespace

cv::Matx23f AlignmentTransform(const Landmarks& landmarks) {
  // With points as complex numbers a similarity is z -> a*z + b, and Umeyama's least squares without
  // reflection is plain linear regression.
  using Point = std::complex<double>;
  std::array<Point, 5> from, to;
  Point from_mean = 0, to_mean = 0;
  for (size_t i = 0; i < 5; ++i) {
    from[i] = {landmarks[i].x, landmarks[i].y};
    to[i] = {kTemplate[i][0], kTemplate[i][1]};
    from_mean += from[i] / 5.0;
    to_mean += to[i] / 5.0;
  }
  if (!std::isfinite(from_mean.real()) || !std::isfinite(from_mean.imag()))
    throw std::logic_error("landmarks must be finite");
  Point cross = 0;
  double spread = 0;
  for (size_t i = 0; i < 5; ++i) {
    cross += std::conj(from[i] - from_mean) * (to[i] - to_mean);
    spread += std::norm(from[i] - from_mean);
  }
  const Point a = spread > 1e-6 && std::abs(cross) > 1e-9 ? cross / spread : Point(1);
  const Point b = to_mean - a * from_mean;
  return {static_cast<float>(a.real()), static_cast<float>(-a.imag()), static_cast<float>(b.real()),
          static_cast<float>(a.imag()), static_cast<float>(a.real()),  static_cast<float>(b.imag())};
}

cv::Mat AlignedFace(const cv::Mat& bgr, const Landmarks& landmarks) {
  RequireColourPicture(bgr);
  cv::Mat aligned;
  cv::warpAffine(bgr, aligned, AlignmentTransform(landmarks), {kAlignedSide, kAlignedSide}, cv::INTER_LINEAR,
                 cv::BORDER_CONSTANT);
  return aligned;
}

cv::Mat BoxCrop(const cv::Mat& bgr, const cv::Rect2f& box, float margin, bool square, int side) {
  RequireColourPicture(bgr);
  if (side < 1 || !(margin > -1) || !std::isfinite(box.x + box.y + box.width + box.height))
    throw std::logic_error("a crop needs a finite box, a margin above -1 and a side of at least one pixel");
  double width = box.width * (1.0 + margin), height = box.height * (1.0 + margin);
  if (square) width = height = std::max(width, height);
  // A box that reaches further than the picture's own size past its edge is nonsense; bounding it bounds the
  // memory.
  const auto bounded = [](double at, int size) { return cvRound(std::clamp<double>(at, -size, 2.0 * size)); };
  const double centre_x = box.x + box.width / 2.0, centre_y = box.y + box.height / 2.0;
  const int left = bounded(centre_x - width / 2, bgr.cols), top = bounded(centre_y - height / 2, bgr.rows);
  const int right = std::max(left + 1, bounded(centre_x + width / 2, bgr.cols));
  const int bottom = std::max(top + 1, bounded(centre_y + height / 2, bgr.rows));

  const cv::Rect wanted(left, top, right - left, bottom - top);
  // The part that is inside, or the nearest edge pixel where nothing is.
  const int inside_left = std::clamp(left, 0, bgr.cols - 1), inside_top = std::clamp(top, 0, bgr.rows - 1);
  const int inside_right = std::clamp(right, inside_left + 1, bgr.cols);
  const int inside_bottom = std::clamp(bottom, inside_top + 1, bgr.rows);
  cv::Mat crop =
      bgr(cv::Rect(inside_left, inside_top, inside_right - inside_left, inside_bottom - inside_top));
  const int pad_left = std::max(0, std::min(-left, wanted.width - crop.cols));
  const int pad_top = std::max(0, std::min(-top, wanted.height - crop.rows));
  const int pad_right = wanted.width - crop.cols - pad_left, pad_bottom = wanted.height - crop.rows - pad_top;
  if (pad_left + pad_top + pad_right + pad_bottom > 0)
    cv::copyMakeBorder(crop, crop, pad_top, pad_bottom, pad_left, pad_right,
                       cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
  cv::Mat resized;
  const bool shrinks = wanted.area() > side * side;
  cv::resize(crop, resized, {side, side}, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  return resized;
}

}  // namespace crossface
