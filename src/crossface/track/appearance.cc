// Half of the description is colour, half texture: hue and saturation histograms of the upper and lower half,
// and local binary patterns (Ojala, Pietikainen, Maenpaa, Multiresolution gray-scale and rotation invariant
// texture classification with local binary patterns, PAMI 2002) on a grid. Both hold square roots of shares,
// so that the dot product is the Bhattacharyya coefficient.
#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "crossface/track/tracker.h"

namespace crossface {
namespace {

constexpr float kContext = 1.3f;  // of the box: hair and collar tell people apart
constexpr int kColourSide = 48, kTextureSide = 32;
constexpr int kHueBins = 12, kSaturationBins = 3, kHalves = 2;
constexpr int kGrid = 4, kPatterns = 10;
constexpr int kHalfSize = kHalves * kHueBins * kSaturationBins;
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

// The number of bright neighbours of a uniform pattern (at most two changes around the circle); 9 for all
// others.
int PatternClass(unsigned pattern) {
  const unsigned rotated = (pattern >> 1 | pattern << 7) & 0xFFu;
  return __builtin_popcount(pattern ^ rotated) <= 2 ? __builtin_popcount(pattern) : kPatterns - 1;
}

void AppendTexture(const cv::Mat& grey, std::vector<float>* description) {
  static constexpr std::array<std::array<int, 2>, 8> kCircle{
      {{-1, -1}, {-1, 0}, {-1, 1}, {0, 1}, {1, 1}, {1, 0}, {1, -1}, {0, -1}}};
  std::array<std::array<float, kPatterns>, kGrid * kGrid> histograms{};
  const int inner = kTextureSide - 2;
  for (int y = 0; y < inner; ++y) {
    for (int x = 0; x < inner; ++x) {
      const int centre = grey.at<uint8_t>(y + 1, x + 1);
      unsigned pattern = 0;
      for (unsigned k = 0; k < kCircle.size(); ++k) {
        const int neighbour = grey.at<uint8_t>(y + 1 + kCircle[k][0], x + 1 + kCircle[k][1]);
        if (neighbour > centre + 1) pattern |= 1u << k;  // one level more: flat areas are not texture
      }
      ++histograms[y * kGrid / inner * kGrid + x * kGrid / inner][PatternClass(pattern)];
    }
  }
  for (const auto& histogram : histograms)
    AppendShares(histogram.data(), kPatterns, 0.5f / (kGrid * kGrid), description);
}

}  // namespace

std::vector<float> DescribeAppearance(const cv::Mat& bgr, const cv::Rect2f& box) {
  if (bgr.empty() || bgr.type() != CV_8UC3)
    throw std::logic_error("appearance is described from a BGR picture");
  const cv::Mat face = CutOut(bgr, box);
  cv::Mat coloured, textured, grey;
  cv::resize(face, coloured, cv::Size(kColourSide, kColourSide), 0, 0, cv::INTER_AREA);
  cv::resize(face, textured, cv::Size(kTextureSide, kTextureSide), 0, 0, cv::INTER_AREA);
  cv::cvtColor(textured, grey, cv::COLOR_BGR2GRAY);
  std::vector<float> description;
  description.reserve(kHalfSize + kGrid * kGrid * kPatterns);
  AppendColours(coloured, &description);
  AppendTexture(grey, &description);
  return description;
}

}  // namespace crossface
