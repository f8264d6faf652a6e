#include "crossface/cluster/merge_rule.h"

#include <algorithm>
#include <cmath>

namespace crossface {

MergeRule::MergeRule(const ScoreRule& rule, size_t models, double false_match_rate) {
  const double rate = std::clamp(false_match_rate, 1e-15, kLargestRate);
  const auto steps = static_cast<double>(thresholds_.size() - 1);
  for (size_t i = 0; i < thresholds_.size(); ++i) {
    const double variance = kPeople + (1 - kPeople) * static_cast<double>(i) / steps;
    thresholds_[i] = rule.threshold_for(std::pow(rate, variance));
  }
  const std::vector<float> same(models, 1.0f), unrelated(models, 0.0f);
  self_score_ = rule.log_odds(same, 1, 1);
  scale_ = std::max(1e-6, self_score_ - static_cast<double>(rule.log_odds(unrelated, 1, 1)));
}

MergeRule::Shape MergeRule::MakeShape(double size, double within) const {
  return {.size = size,
          .within = within,
          .self = (2 * within + size * self_score_) / (size * size),
          .sample = size / (1 + (size - 1) / kLargestSample)};
}

double MergeRule::ThresholdFor(double size_a, double size_b) const {
  const double variance = kPeople + kItem * (1 / size_a + 1 / size_b) + kPair / (size_a * size_b);
  const double place = std::clamp((variance - kPeople) / (1 - kPeople), 0.0, 1.0) *
                       static_cast<double>(thresholds_.size() - 1);
  const auto below = std::min(static_cast<size_t>(place), thresholds_.size() - 2);
  const double part = place - static_cast<double>(below);
  return thresholds_[below] * (1 - part) + thresholds_[below + 1] * part;
}

double MergeRule::Gain(const Shape& a, const Shape& b, double mean_score) const {
  if (mean_score < LowestThreshold() || mean_score < ThresholdFor(a.size, b.size)) return kNever;
  const double distance = std::max(0.0, (a.self + b.self - 2 * mean_score) / scale_);
  const double cost = a.sample * b.sample / (a.sample + b.sample) * distance;
  return mean_score < SingleThreshold() && cost > kLargestCost ? kNever : 1 / (1 + cost);
}

}  // namespace crossface
