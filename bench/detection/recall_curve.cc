#include "detection/recall_curve.h"

#include <algorithm>
#include <numeric>

namespace crossface::bench {
namespace {

constexpr float kLeastHeight = 12;

}  // namespace

std::vector<Verdict> Judge(const LabelledPicture& picture, const std::vector<Detection>& detections) {
  std::vector<size_t> order(detections.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return detections[a].score > detections[b].score; });
  std::vector<bool> taken(picture.faces.size());
  std::vector<Verdict> verdicts(detections.size(), Verdict::kFalse);
  for (size_t i : order) {
    float best = picture.match_iou;
    size_t match = picture.faces.size();
    for (size_t f = 0; f < picture.faces.size(); ++f) {
      const float overlap = IntersectionOverUnion(picture.faces[f], detections[i].box);
      if (taken[f] || overlap < best) continue;
      best = overlap;
      match = f;
    }
    if (match == picture.faces.size()) continue;
    taken[match] = true;
    verdicts[i] = picture.faces[match].height < kLeastHeight ? Verdict::kIgnored : Verdict::kFace;
  }
  return verdicts;
}

void RecallCurve::Add(const LabelledPicture& picture, const std::vector<Detection>& detections) {
  ++pictures_;
  faces_ +=
      static_cast<int>(std::count_if(picture.faces.begin(), picture.faces.end(),
                                     [](const cv::Rect2f& face) { return face.height >= kLeastHeight; }));
  const std::vector<Verdict> verdicts = Judge(picture, detections);
  for (size_t i = 0; i < detections.size(); ++i) {
    if (verdicts[i] != Verdict::kIgnored)
      judged_.push_back({detections[i].score, verdicts[i] == Verdict::kFace});
  }
}

std::vector<RecallCurve::Judged> RecallCurve::Sorted() const {
  std::vector<Judged> sorted = judged_;
  // Of equal scores the wrong ones come first: a tie never flatters.
  std::sort(sorted.begin(), sorted.end(), [](const Judged& a, const Judged& b) {
    return a.score != b.score ? a.score > b.score : a.face < b.face;
  });
  return sorted;
}

double RecallCurve::RecallAt(double false_positives) const {
  int found = 0, wrong = 0;
  for (const Judged& judged : Sorted()) {
    (judged.face ? found : wrong)++;
    if (wrong > false_positives * pictures_) break;
  }
  return faces_ ? static_cast<double>(found) / faces_ : 0;
}

double RecallCurve::RecallAbove(float score) const {
  const auto found = std::count_if(judged_.begin(), judged_.end(),
                                   [&](const Judged& j) { return j.face && j.score >= score; });
  return faces_ ? static_cast<double>(found) / faces_ : 0;
}

double RecallCurve::FalsePositivesAbove(float score) const {
  const auto wrong = std::count_if(judged_.begin(), judged_.end(),
                                   [&](const Judged& j) { return !j.face && j.score >= score; });
  return pictures_ ? static_cast<double>(wrong) / pictures_ : 0;
}

double RecallCurve::AveragePrecision() const {
  std::vector<double> precision;  // after each found face
  int found = 0, seen = 0;
  for (const Judged& judged : Sorted()) {
    ++seen;
    if (judged.face) precision.push_back(static_cast<double>(++found) / seen);
  }
  double area = 0, best = 0;
  for (size_t i = precision.size(); i-- > 0;) {
    best = std::max(best, precision[i]);
    area += best;
  }
  return faces_ ? area / faces_ : 0;
}

}  // namespace crossface::bench
