#include "degrade.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace crossface::bench {
namespace {

// A value spread evenly over the logarithm, as sizes and brightnesses are.
double Ratio(cv::RNG& rng, double low, double high) {
  return std::exp(rng.uniform(std::log(low), std::log(high)));
}

cv::Mat Turn(const cv::Mat& bgr, double degrees) {
  const cv::Point2f centre(static_cast<float>(bgr.cols) / 2, static_cast<float>(bgr.rows) / 2);
  cv::Mat turned;
  cv::warpAffine(bgr, turned, cv::getRotationMatrix2D(centre, degrees, 1), bgr.size(), cv::INTER_LINEAR,
                 cv::BORDER_REPLICATE);
  return turned;
}

cv::Mat MotionBlur(const cv::Mat& bgr, int length, double angle) {
  cv::Mat kernel = cv::Mat::zeros(length, length, CV_32F), blurred;
  const double middle = (length - 1) / 2.0;
  for (int i = 0; i < 4 * length; ++i) {
    const double along = (static_cast<double>(i) / (4 * length - 1) * 2 - 1) * middle;
    kernel.at<float>(cvRound(middle + along * std::sin(angle)), cvRound(middle + along * std::cos(angle))) =
        1;
  }
  cv::filter2D(bgr, blurred, -1, kernel / cv::sum(kernel)[0], {-1, -1}, 0, cv::BORDER_REPLICATE);
  return blurred;
}

cv::Mat AddNoise(const cv::Mat& bgr, cv::RNG& rng, double deviation) {
  cv::Mat noise(bgr.size(), CV_32FC3), noisy;
  rng.fill(noise, cv::RNG::NORMAL, 0, deviation);
  cv::add(bgr, noise, noisy, {}, CV_8U);
  return noisy;
}

cv::Mat Compress(const cv::Mat& bgr, int quality) {
  std::vector<uchar> bytes;
  cv::imencode(".jpg", bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
  return cv::imdecode(bytes, cv::IMREAD_COLOR);
}

}  // namespace

cv::Mat Degrade(const cv::Mat& bgr, uint64_t seed) {
  enum Kind { kTurn, kDefocus, kMotion, kDark, kBurnt, kNoise, kJpeg, kNothing, kKinds };
  cv::RNG rng(seed * 2654435761u + 1);
  std::array<bool, kKinds> chosen{};
  for (int i = rng.uniform(1, 3); i > 0; --i)
    chosen[static_cast<size_t>(rng.uniform(0, static_cast<int>(kKinds)))] = true;

  cv::Mat picture = bgr.clone();
  if (chosen[kTurn]) picture = Turn(picture, rng.uniform(-50.0, 50.0));
  if (chosen[kDefocus]) cv::GaussianBlur(picture, picture, {}, rng.uniform(0.5, 6.0));
  if (chosen[kMotion]) picture = MotionBlur(picture, rng.uniform(3, 25), rng.uniform(0.0, std::numbers::pi));
  const double scale = Ratio(rng, 0.13, 1);
  cv::resize(picture, picture, {}, scale, scale, cv::INTER_AREA);
  if (chosen[kDark]) {
    picture.convertTo(picture, -1, Ratio(rng, 0.03, 0.6));
    picture = AddNoise(picture, rng, rng.uniform(0.0, 4.0));
  }
  if (chosen[kBurnt]) picture.convertTo(picture, -1, rng.uniform(1.2, 5.0));
  if (chosen[kNoise]) picture = AddNoise(picture, rng, rng.uniform(3.0, 40.0));
  if (chosen[kJpeg]) picture = Compress(picture, rng.uniform(4, 40));
  return picture;
}

}  // namespace crossface::bench
