#include "crossface/detect/nms.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace crossface {
namespace {

float Overlap(const cv::Rect2f& a, const cv::Rect2f& b, OverlapMeasure measure) {
  if (measure == OverlapMeasure::kUnion) return IntersectionOverUnion(a, b);
  const float smaller = std::min(a.area(), b.area());
  return smaller > 0 ? (a & b).area() / smaller : 0;
}

auto SortKey(const cv::Rect2f& box, float score) {
  return std::tuple(-score, box.x, box.y, box.width, box.height);
}

}  // namespace

void SortByScore(std::vector<Detection>* detections) {
  std::sort(detections->begin(), detections->end(), [](const Detection& a, const Detection& b) {
    return SortKey(a.box, a.score) < SortKey(b.box, b.score);
  });
}

std::vector<size_t> NonMaxima(std::span<const cv::Rect2f> boxes, std::span<const float> scores,
                              float threshold, OverlapMeasure measure) {
  std::vector<size_t> order(boxes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return SortKey(boxes[a], scores[a]) < SortKey(boxes[b], scores[b]); });
  std::vector<size_t> kept;
  for (size_t candidate : order) {
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](size_t better) {
      return Overlap(boxes[candidate], boxes[better], measure) > threshold;
    });
    if (!suppressed) kept.push_back(candidate);
  }
  return kept;
}

std::vector<Detection> SuppressNonMaxima(std::vector<Detection> detections, float threshold,
                                         OverlapMeasure measure) {
  std::vector<cv::Rect2f> boxes;
  std::vector<float> scores;
  for (const Detection& detection : detections) {
    boxes.push_back(detection.box);
    scores.push_back(detection.score);
  }
  std::vector<Detection> kept;
  for (size_t index : NonMaxima(boxes, scores, threshold, measure)) kept.push_back(detections[index]);
  return kept;
}

}  // namespace crossface
