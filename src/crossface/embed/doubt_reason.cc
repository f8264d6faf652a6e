#include "crossface/embed/doubt_reason.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace crossface {
namespace {

// Names only: whether a face may found a person is decided by its evidence alone.
constexpr float kTurnedYaw = 50, kUpsideDownRoll = 100;
constexpr float kSmallEyes = 16;  // pixels between the eyes
// A covered part is one whose covering changes the vector little: foamliu's median cosines with the lower
// part covered were .63 untouched, .92 masked, .80 under a scarf, .88 behind a hand; with the upper part
// covered .48 untouched, .68 behind sunglasses, .76 under a bar (240 LFW photos).
constexpr float kCoveredLower = 0.64f, kCoveredUpper = 0.86f;  // radians: cosines of .80 and .65

// Of neighbouring pixels along rows, which differ by nothing, and which by a step.
constexpr int kFlat = 2, kStep = 6;
constexpr double kMostlyFlat = 0.72, kSomeSteps = 0.03;
// Laplacian variance of the inner face over that of its surroundings.
constexpr double kBlurredInside = 0.06, kSharpOutside = 60;

cv::Rect Inside(const cv::Rect2f& box, float share, const cv::Size& size) {
  const cv::Point2f centre = (box.tl() + box.br()) * 0.5f;
  const cv::Size2f half(box.width * share / 2, box.height * share / 2);
  return cv::Rect(cv::Point(cvRound(centre.x - half.width), cvRound(centre.y - half.height)),
                  cv::Point(cvRound(centre.x + half.width), cvRound(centre.y + half.height))) &
         cv::Rect(cv::Point(), size);
}

bool LooksPixelated(const cv::Mat& grey) {
  cv::Mat along;
  cv::absdiff(grey.colRange(1, grey.cols), grey.colRange(0, grey.cols - 1), along);
  const auto all = static_cast<double>(along.total());
  const double flat = static_cast<double>(cv::countNonZero(along <= kFlat)) / all;
  const double steps = static_cast<double>(cv::countNonZero(along >= kStep)) / all;
  return flat > kMostlyFlat && steps > kSomeSteps && flat + steps > 0.93;
}

double Sharpness(const cv::Mat& edges, const cv::Mat& where) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(edges, mean, deviation, where);
  return deviation[0] * deviation[0];
}

}  // namespace

bool LooksAnonymised(const cv::Mat& bgr, const cv::Rect2f& box) {
  const cv::Rect inner = Inside(box, 0.7f, bgr.size());
  if (inner.width < 12 || inner.height < 12) return false;
  cv::Mat grey, edges;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  if (LooksPixelated(grey(inner))) return true;
  cv::Laplacian(grey, edges, CV_32F);
  cv::Mat around(bgr.size(), CV_8U, cv::Scalar(255));
  around(Inside(box, 1.4f, bgr.size())).setTo(0);
  if (cv::countNonZero(around) < inner.area()) return false;
  const double outside = Sharpness(edges, around);
  return outside > kSharpOutside && Sharpness(edges(inner), cv::Mat()) < kBlurredInside * outside;
}

UnassignedReason DoubtReason(const cv::Mat& bgr, const Detection& face, const FaceQuality& quality,
                             const std::optional<IdentitySigns>& signs) {
  if (std::abs(quality.roll) > kUpsideDownRoll) return UnassignedReason::kUpsideDown;
  if (std::abs(quality.yaw) > kTurnedYaw) return UnassignedReason::kTurnedAway;
  if (LooksAnonymised(bgr, face.box)) return UnassignedReason::kAnonymised;
  if (quality.size < kSmallEyes) return UnassignedReason::kSmall;
  if (signs && (signs->lower < kCoveredLower || signs->upper < kCoveredUpper))
    return UnassignedReason::kCovered;
  return UnassignedReason::kBlurred;
}

}  // namespace crossface
