// Turns the cosines that several embedding nets give for a pair of templates into one calibrated score: the
// log-odds that both show one person, before any prior. The ensemble votes on pairs; vectors of different
// nets are never mixed.
//
// The calibration is fitted by bench/fit_calibration on labelled pairs, cross-validated by person, and
// compiled in from models/calibration.json. Immutable, thread-safe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

class PairScorer {
 public:
  // For an ensemble of these models, in this order. Errors: kNotFound for a model without calibration,
  // kInvalidArgument for none.
  static Result<PairScorer> Create(const std::vector<std::string>& models);

  size_t model_count() const { return models_.size(); }
  const std::vector<std::string>& models() const { return models_; }

  // `cosines` has one value per model, NaN where either template lacks that model. `quality_a` and
  // `quality_b` are FaceQuality::overall of the templates (0..1). Higher is more alike; NaN when every cosine
  // is NaN.
  float LogOdds(std::span<const float> cosines, float quality_a, float quality_b) const;

  // The log-odds above which a share `false_match_rate` of different-person pairs would still score (from the
  // calibration's fitted tail), such as 1e-6.
  float ThresholdFor(double false_match_rate) const;

  // Log-odds to a probability of "same" under even prior odds; what the reports show.
  static float Probability(float log_odds);

 private:
  struct ModelCalibration;
  PairScorer() = default;
  std::vector<std::string> models_;
  std::vector<float> parameters_;  // see pair_scorer.cc
};

}  // namespace crossface
