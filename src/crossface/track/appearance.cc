// Half of the description is colour: hue and saturation histograms of the upper and the lower half. Half is
// where it is light and dark: histograms of the luma, in deviations from the mean of the box, over a grid of
// cells. All entries are square roots of shares, so that the dot product is the Bhattacharyya coefficient.
// Measured with boxes jittered by 6 % on make_synth seeds 77 and 912 (2,609 pairs of different people) and
// with YuNet's boxes on data/videos (4,300), a pair of one person 0.2 s apart is more alike than one of two
// people in 99.4 % and 99.4 % of cases; with local binary patterns (Ojala et al., PAMI 2002) in place of the
// light 99.3 and 99.1 %, and three times as many pairs of people pass for one.
#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <stdexcept>

#include "crossface/track/tracker.h"

namespace crossface {
namespace {

constexpr float kContext = 1.3f;  // of the box: hair and collar tell people apart
constexpr int kColourSide = 48, kLightSide = 32;
constexpr int kHueBins = 12, kSaturationBins = 3, kHalves = 2;
constexpr int kGrid = 4, kLevels = 6;
constexpr float kLightRange = 1.8f;   // standard deviations to both sides of the mean
constexpr float kLeastDeviation = 3;  // grey levels: less is noise and must not be stretched to contrast
constexpr int kColourSize = kHalves * kHueBins * kSaturationBins;
// The hue of dark pixels is noise: they count by their brightness, up to this.
constexpr int kFullWeightBrightness = 60;

cv::Mat CutOut(const cv::Mat& bgr, const cv::Rect2f& box) {
  const float width = std::max(1.f, box.width * kContext), height = std::max(1.f, box.height * kContext);
  const float left = box.x + (box.width - width) / 2, top = box.y + (box.height - height) / 2;
  const int x0 = std::clamp(static_cast<int>(std::floor(left)), 0, bgr.cols - 1);
  const int y0 = std::clamp(static_cast<int>(std::floor(top)), 0, bgr.rows - 1);
  const int x1 = std::clamp(static_cast<int>(std::ceil(left + width)), x0 + 1, bgr.cols);
  const int y1 = std::clamp(static_cast<int>(std::ceil(top + height)), y0 + 1, bgr.rows);
  return bgr(cv::Rect(x0, y0, x1 - x0, y1 - y0));
}

// Square roots of shares that sum to `mass`.
void AppendShares(const float* histogram, int bins, float mass, std::vector<float>* description) {
  float sum = 0;
  for (int i = 0; i < bins; ++i) sum += histogram[i];
  for (int i = 0; i < bins; ++i) {
    description->push_back(sum > 0 ? std::sqrt(histogram[i] / sum * mass)
                                   : std::sqrt(mass / static_cast<float>(bins)));
  }
}

void AppendColours(const cv::Mat& bgr, std::vector<float>* description) {
  cv::Mat hsv;
  cv::cvtColor(bgr, hsv, cv::COLOR_BGR2HSV);
  for (int half = 0; half < kHalves; ++half) {
    std::array<float, kHueBins * kSaturationBins> histogram{};
    for (int y = half * kColourSide / kHalves; y < (half + 1) * kColourSide / kHalves; ++y) {
      const cv::Vec3b* row = hsv.ptr<cv::Vec3b>(y);
      for (int x = 0; x < kColourSide; ++x) {
        const int hue = row[x][0] * kHueBins / 180, saturation = row[x][1] * kSaturationBins / 256;
        histogram[hue * kSaturationBins + saturation] += std::min<int>(row[x][2], kFullWeightBrightness);
      }
    }
    AppendShares(histogram.data(), static_cast<int>(histogram.size()), 0.5f / kHalves, description);
  }
}

void AppendLight(const cv::Mat& grey, std::vector<float>* description) {
  cv::Scalar mean, deviation;
  cv::meanStdDev(grey, mean, deviation);
  const float centre = static_cast<float>(mean[0]),
              spread = static_cast<float>(deviation[0]) + kLeastDeviation;
  std::array<std::array<float, kLevels>, kGrid * kGrid> histograms{};
  for (int y = 0; y < kLightSide; ++y) {
    for (int x = 0; x < kLightSide; ++x) {
      const float relative = (grey.at<uint8_t>(y, x) - centre) / spread;
      const float level = std::clamp((relative / kLightRange + 1) / 2, 0.f, 1.f) * kLevels - 0.5f;
      const int below = static_cast<int>(std::floor(level));
      const float share =
          level - static_cast<float>(below);  // soft bins: a small change of light changes little
      auto& histogram = histograms[y * kGrid / kLightSide * kGrid + x * kGrid / kLightSide];
      histogram[std::max(below, 0)] += 1 - share;
      histogram[std::min(below + 1, kLevels - 1)] += share;
    }
  }
  for (const auto& histogram : histograms)
    AppendShares(histogram.data(), kLevels, 0.5f / (kGrid * kGrid), description);
}

}  // namespace

std::vector<float> DescribeAppearance(const cv::Mat& bgr, const cv::Rect2f& box) {
  if (bgr.empty() || bgr.type() != CV_8UC3)
    throw std::logic_error("appearance is described from a BGR picture");
  const cv::Mat face = CutOut(bgr, box);
  cv::Mat coloured, lit, grey;
  cv::resize(face, coloured, cv::Size(kColourSide, kColourSide), 0, 0, cv::INTER_AREA);
  cv::resize(face, lit, cv::Size(kLightSide, kLightSide), 0, 0, cv::INTER_AREA);
  cv::cvtColor(lit, grey, cv::COLOR_BGR2GRAY);
  std::vector<float> description;
  description.reserve(kColourSize + kGrid * kGrid * kLevels);
  AppendColours(coloured, &description);
  AppendLight(grey, &description);
  return description;
}

}  // namespace crossface
