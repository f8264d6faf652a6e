#include "crossface/copies/fingerprinter.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <opencv2/imgproc.hpp>

#include "crossface/media/file/orientation.h"

namespace crossface {
namespace {

constexpr int kLongestSide = 160, kGreySide = 64, kViewSide = 32, kFineSide = 320;
constexpr int kCoefficients = 12, kStillCoefficients = 32;
// Pictures in which bars are looked for together.
constexpr size_t kLongestStretch = 32;
constexpr double kCutCorrelation = 0.5;
// Bars hold nothing brighter than this; pictures without anything brighter than the second tell nothing of
// bars.
constexpr double kBarLuma = 24, kBrightLuma = 40;
// What is left of a picture between bars has at least this side, of kGreySide.
constexpr int kSmallestSide = 16;
// Root mean square of the change, in grey levels. Below, coding noise decides about the signs
// (docs/duplicates.md).
constexpr double kSmallestChange = 0.25;
// Standard deviation of a still picture that shows something, in grey levels.
constexpr double kSmallestContrast = 8;

using Coefficients = std::array<cv::Mat, kViews>;

struct Sampled {
  int64_t tick = 0;
  cv::Mat grey;  // kGreySide squared, CV_8UC1
};

double Correlation(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat result;
  cv::matchTemplate(a, b, result, cv::TM_CCOEFF_NORMED);
  return result.at<float>(0, 0);
}

// What lies between the black bars of these pictures.
cv::Rect WithoutBars(const std::vector<Sampled>& pictures) {
  cv::Mat brightest;
  for (const Sampled& picture : pictures) {
    double most = 0;
    cv::minMaxLoc(picture.grey, nullptr, &most);
    if (most <= kBrightLuma) continue;
    brightest.empty() ? picture.grey.copyTo(brightest) : cv::max(brightest, picture.grey, brightest);
  }
  const cv::Rect all(0, 0, kGreySide, kGreySide);
  if (brightest.empty()) return all;
  const cv::Rect seen = cv::boundingRect(brightest > kBarLuma);
  return seen.width < kSmallestSide || seen.height < kSmallestSide ? all : seen;
}

cv::Mat LowestCoefficients(const cv::Mat& picture, int count) {
  cv::Mat real, transformed;
  picture.convertTo(real, CV_32F, 1.0 / picture.rows);
  cv::dct(real, transformed);
  cv::Mat lowest = transformed(cv::Rect(0, 0, count, count)).clone();
  lowest.at<float>(0, 0) = 0;
  return lowest;
}

Coefficients ViewsOf(const cv::Mat& grey, const cv::Rect& area) {
  cv::Mat fine, small;
  cv::resize(grey(area), fine, {kFineSide, kFineSide}, 0, 0, cv::INTER_LINEAR);
  Coefficients views;
  for (size_t i = 0; i < kViews; ++i) {
    const int margin = static_cast<int>(std::lround(kFineSide * (1 - kViewSides[i]) / 2));
    const int side = kFineSide - 2 * margin;
    cv::resize(fine(cv::Rect(margin, margin, side, side)), small, {kViewSide, kViewSide}, 0, 0,
               cv::INTER_AREA);
    views[i] = LowestCoefficients(small, kCoefficients);
  }
  return views;
}

std::span<const float> Values(const cv::Mat& mat) { return {mat.ptr<float>(), mat.total()}; }

}  // namespace

class Fingerprinter::Impl {
 public:
  explicit Impl(const SourceInfo& info) : orientation_{info.rotation, info.mirrored} {}

  Status Push(const Frame& frame) {
    ++frames_;
    const int64_t tick = frame.time_us / kTickUs;
    if (tick <= last_tick_) return Status();
    last_tick_ = tick;
    CROSSFACE_ASSIGN_OR_RETURN(const cv::Mat luma, frame.picture->Luma(kLongestSide));
    Sampled now{tick, {}};
    cv::resize(TurnUpright(luma, orientation_), now.grey, {kGreySide, kGreySide}, 0, 0, cv::INTER_AREA);
    if (!stretch_.empty() &&
        (stretch_.size() >= kLongestStretch || Correlation(stretch_.back().grey, now.grey) < kCutCorrelation))
      EndStretch();
    stretch_.push_back(std::move(now));
    return Status();
  }

  Fingerprint Finish() {
    if (frames_ == 1 && !stretch_.empty()) DescribeStill();
    EndStretch();
    return std::move(fingerprint_);
  }

 private:
  void EndStretch() {
    if (stretch_.empty()) return;
    const cv::Rect area = WithoutBars(stretch_);
    std::deque<std::pair<int64_t, Coefficients>> past;
    for (const Sampled& picture : before_) past.emplace_back(picture.tick, ViewsOf(picture.grey, area));
    for (const Sampled& picture : stretch_) {
      Coefficients now = ViewsOf(picture.grey, area);
      while (past.size() > 1 && past[1].first <= picture.tick - kLagTicks) past.pop_front();
      if (!past.empty() && past.front().first <= picture.tick - kLagTicks)
        Describe(picture.tick, past.front().second, now);
      past.emplace_back(picture.tick, std::move(now));
    }
    for (Sampled& picture : stretch_) before_.push_back(std::move(picture));
    while (before_.size() > kLagTicks) before_.erase(before_.begin());
    stretch_.clear();
  }

  void Describe(int64_t tick, const Coefficients& past, const Coefficients& now) {
    Change change{.tick = static_cast<uint32_t>(tick)};
    for (size_t i = 0; i < kViews; ++i) {
      const cv::Mat difference = now[i] - past[i];
      if (i == 0 && cv::norm(difference) < kSmallestChange) return;
      change.views[i] = ChangeCodeOf(Values(difference));
    }
    fingerprint_.changes.push_back(change);
  }

  void DescribeStill() {
    // With its borders: a photo's dark edge is not told from a bar by one picture.
    const cv::Mat& whole = stretch_.front().grey;
    cv::Scalar mean, deviation;
    cv::meanStdDev(whole, mean, deviation);
    if (deviation[0] < kSmallestContrast) return;
    fingerprint_.still = StillCodeOf(Values(LowestCoefficients(whole, kStillCoefficients)));
  }

  const Orientation orientation_;
  int64_t frames_ = 0, last_tick_ = -1;
  std::vector<Sampled> stretch_;
  std::vector<Sampled> before_;  // the last pictures of the stretch before
  Fingerprint fingerprint_;
};

Fingerprinter::Fingerprinter(const SourceInfo& info) : impl_(std::make_unique<Impl>(info)) {}
Fingerprinter::~Fingerprinter() = default;
Status Fingerprinter::Push(const Frame& frame) { return impl_->Push(frame); }
Fingerprint Fingerprinter::Finish() { return impl_->Finish(); }

}  // namespace crossface
