#include "crossface/embed/pair_scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "crossface/embed/normal_distribution.h"

namespace crossface {
Result<PairScorer> PairScorer::Create(const std::vector<std::string>& models) {
  return Create(models, BuiltInPairCalibration());
}

Result<PairScorer> PairScorer::Create(const std::vector<std::string>& models,
                                      const PairCalibration& calibration) {
  if (models.empty())
    return Status(StatusCode::kInvalidArgument, "pairs cannot be scored without an embedding model");
  const size_t count = models.size(), known = calibration.models.size();
  PairScorer scorer;
  scorer.models_ = models;
  scorer.calibration_ = calibration;
  scorer.votes_.resize(count);
  scorer.covariance_.resize(count * count);
  std::vector<size_t> entry_of(count, known);
  for (size_t i = 0; i < count; ++i) {
    if (std::count(models.begin(), models.end(), models[i]) > 1)
      return Status(StatusCode::kInvalidArgument, "the embedding model " + models[i] + " is named twice");
    const auto entry = std::find_if(calibration.models.begin(), calibration.models.end(),
                                    [&](const ModelCalibration& m) { return m.model == models[i]; });
    entry_of[i] = static_cast<size_t>(entry - calibration.models.begin());
    if (entry_of[i] == known) continue;
    const double per_sd = entry->weight / entry->impostor_sd;
    scorer.votes_[i] = {entry->impostor_mean, per_sd, (entry->genuine_mean - entry->impostor_mean) * per_sd};
  }
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < count; ++j) {
      if (entry_of[i] == known || entry_of[j] == known) continue;
      scorer.covariance_[i * count + j] = calibration.correlation[entry_of[i] * known + entry_of[j]] *
                                          calibration.models[entry_of[i]].weight *
                                          calibration.models[entry_of[j]].weight;
    }
  }
  const std::vector<float> all(count, 0.0f);
  const double variance = scorer.SumOfCovariances(all);
  if (!(variance > 0))
    return Status(StatusCode::kNotFound, "none of the embedding models has a calibration (the first is " +
                                             models.front() +
                                             "); calibrate one of them with photos of people whom you know");
  scorer.all_deviation_ = std::sqrt(variance);
  for (const Vote& vote : scorer.votes_) scorer.all_genuine_ += vote.genuine / scorer.all_deviation_;
  return scorer;
}

std::vector<std::string> PairScorer::silent_models() const {
  std::vector<std::string> silent;
  for (size_t i = 0; i < models_.size(); ++i) {
    if (votes_[i].per_sd == 0) silent.push_back(models_[i]);
  }
  return silent;
}

double PairScorer::SumOfCovariances(std::span<const float> cosines) const {
  double sum = 0;
  for (size_t i = 0; i < cosines.size(); ++i) {
    for (size_t j = 0; j < cosines.size(); ++j) {
      if (!std::isnan(cosines[i]) && !std::isnan(cosines[j])) sum += covariance_[i * cosines.size() + j];
    }
  }
  return sum;
}

PairScorer::Evidence PairScorer::Pool(std::span<const float> cosines) const {
  Evidence pooled;
  bool all = true;
  for (size_t i = 0; i < cosines.size(); ++i) {
    if (std::isnan(cosines[i])) {
      all = all && votes_[i].per_sd == 0;
      continue;
    }
    pooled.score += (cosines[i] - votes_[i].mean) * votes_[i].per_sd;
    pooled.genuine += votes_[i].genuine;
  }
  if (!(pooled.genuine > 0)) return {};
  const double deviation = all ? all_deviation_ : std::sqrt(SumOfCovariances(cosines));
  pooled.score /= deviation;
  pooled.genuine /= deviation;
  return pooled;
}

float PairScorer::LogOdds(std::span<const float> cosines, const TemplateFacts& a,
                          const TemplateFacts& b) const {
  if (cosines.size() != models_.size())
    throw std::logic_error("a pair needs one cosine per model of the ensemble");
  const Evidence pooled = Pool(cosines);
  if (!(pooled.genuine > 0)) return std::numeric_limits<float>::quiet_NaN();
  const PairCalibration& c = calibration_;
  const double quality =
      std::sqrt(std::clamp(a.quality, 0.0f, 1.0f) * static_cast<double>(std::clamp(b.quality, 0.0f, 1.0f)));
  const double score =
      (pooled.score - 0.5 * (a.cohort.mean + b.cohort.mean)) / std::sqrt(a.cohort.spread * b.cohort.spread);
  const double scatter = 1 + c.tail_growth * std::max(0.0, c.tail_quality - quality);
  const double expected = ExpectedEvidence(pooled.genuine, quality);
  return static_cast<float>(c.slope * expected * (score / scatter - c.even_odds * expected));
}

double PairScorer::ExpectedEvidence(double genuine, double quality) const {
  const PairCalibration& c = calibration_;
  return genuine * (c.least_evidence + (1 - c.least_evidence) * std::min(1.0, quality / c.good_quality));
}

float PairScorer::GenuineLogOdds(float quality) const {
  const double expected = ExpectedEvidence(all_genuine_, quality);
  return static_cast<float>(calibration_.slope * (1 - calibration_.even_odds) * expected * expected);
}

float PairScorer::ThresholdFor(double false_match_rate) const {
  if (!(false_match_rate > 0 && false_match_rate <= 0.5))
    throw std::logic_error("a false match rate lies in (0, 0.5]");
  const double score = calibration_.tail_mean + calibration_.tail_sd * UpperQuantile(false_match_rate);
  return static_cast<float>(calibration_.slope * all_genuine_ *
                            (score - calibration_.even_odds * all_genuine_));
}

double PairScorer::FalseMatchRateAt(float log_odds) const {
  const double score = log_odds / (calibration_.slope * all_genuine_) + calibration_.even_odds * all_genuine_;
  const double deviations = (score - calibration_.tail_mean) / calibration_.tail_sd;
  return std::min(0.5, UpperTail(deviations));
}

float PairScorer::Probability(float log_odds) { return 1 / (1 + std::exp(-log_odds)); }

}  // namespace crossface
