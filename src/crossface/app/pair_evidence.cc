#include "crossface/app/pair_evidence.h"

#include <cmath>
#include <numeric>

#include "crossface/embed/pair_scorer.h"

namespace crossface {
namespace {

const FaceEmbedding* SameModel(const TrackRecord& track, const FaceEmbedding& wanted) {
  for (const FaceEmbedding& each : track.templates) {
    if (each.model == wanted.model && each.model_sha256 == wanted.model_sha256 &&
        each.vector.size() == wanted.vector.size())
      return &each;
  }
  return nullptr;
}

// Nothing for models without a calibration.
std::optional<double> LogOdds(const std::vector<std::string>& models, const std::vector<float>& cosines,
                              const TrackRecord& track, const TrackRecord& other) {
  const auto scorer = PairScorer::Create(models);
  if (!scorer.ok()) return std::nullopt;
  const double log_odds = scorer->LogOdds(cosines, track.quality, other.quality);
  return std::isfinite(log_odds) ? std::optional(log_odds) : std::nullopt;
}

}  // namespace

PairEvidence ScoresOf(const TrackRecord& track, const TrackRecord& other) {
  PairEvidence scores;
  std::vector<std::string> models;
  std::vector<float> cosines;
  for (const FaceEmbedding& one : track.templates) {
    const FaceEmbedding* two = SameModel(other, one);
    if (two == nullptr) continue;
    const float cosine = std::inner_product(one.vector.begin(), one.vector.end(), two->vector.begin(), 0.0f);
    models.push_back(one.model);
    cosines.push_back(cosine);
    scores.models.push_back({one.model, cosine, LogOdds({one.model}, {cosine}, track, other)});
  }
  if (!models.empty()) scores.log_odds = LogOdds(models, cosines, track, other);
  return scores;
}

}  // namespace crossface
