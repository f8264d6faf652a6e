// Turns the cosines that several embedding nets give for a pair of templates into one calibrated score: the
// log-odds that both show one person, before any prior. The ensemble votes on pairs; vectors of different
// nets are never mixed.
//
// Every cosine is standardised by what pairs of different people have; the standardised cosines are averaged
// with a few fixed weights, and the average is standardised again with the nets' correlation, so that any
// subset of the nets has the same scale. Two normal distributions of one width, the genuine pairs' mean
// growing with the pictures' quality, then make it log-odds (linear discriminant analysis). Summing the nets'
// own log-odds instead would count the same evidence several times: two ArcFaces correlate by .8. Poor
// pictures say less in both directions: their cosines scatter more between strangers and are lower between
// pictures of one person.
//
// The calibration is fitted by bench/calibration/fit_calibration on labelled pairs, checked on people it was
// not fitted on, and compiled in from models/calibration.json. Immutable, thread-safe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "crossface/embed/pair_calibration.h"
#include "crossface/util/status.h"

namespace crossface {

// How like strangers of its own case a template is (cluster/graph/cohort.h), in standard deviations of
// strangers' scores elsewhere: those of Pool.
struct CohortScore {
  float mean = 0;    // 0 or more
  float spread = 1;  // 1 or more
};

// What is known of a template beside its vector.
struct TemplateFacts {
  TemplateFacts(float of_quality = 1,
                CohortScore of_cohort = {})  // NOLINT(*-explicit-*): often quality is all there is
      : quality(of_quality), cohort(of_cohort) {}
  float quality;  // FaceQuality::overall, 0..1
  CohortScore cohort;
};

class PairScorer {
 public:
  // For an ensemble of these models, in this order. A model without calibration (VGG-Face, until a user who
  // has its weights fits it) is accepted and never votes, see silent_models(). Errors: kNotFound when none of
  // them has a calibration; kInvalidArgument for no models, or one named twice.
  static Result<PairScorer> Create(const std::vector<std::string>& models);
  static Result<PairScorer> Create(const std::vector<std::string>& models,
                                   const PairCalibration& calibration);

  size_t model_count() const { return models_.size(); }
  const std::vector<std::string>& models() const { return models_; }
  std::vector<std::string> silent_models() const;

  // `cosines` has one value per model, NaN where either template lacks that model. Higher is more alike; NaN
  // when no model that votes has a cosine.
  float LogOdds(std::span<const float> cosines, const TemplateFacts& a, const TemplateFacts& b) const;

  // What the models that have a cosine say together, before the quality is taken into account: the average in
  // standard deviations from the mean of different people's pairs, and what a genuine pair has there on
  // average (0: nobody votes).
  struct Evidence {
    double score = 0, genuine = 0;
  };
  Evidence Pool(std::span<const float> cosines) const;

  // What pairs of one person get on average when both pictures have this quality and every model has voted.
  float GenuineLogOdds(float quality) const;

  // The log-odds above which a share `false_match_rate` of different-person pairs would still score, when
  // every model has voted (from the calibration's fitted tail). Poor pictures exceed it little or not at all.
  // Throws std::logic_error outside (0, 0.5].
  float ThresholdFor(double false_match_rate) const;

  // The other way round: the share of different-person pairs that score at least this, at most 0.5. The tail
  // was fitted to one in 300 to one in 30,000 (calibration/pair_fit.cc); smaller shares are read off
  // its continuation.
  double FalseMatchRateAt(float log_odds) const;

  // Log-odds to a probability of "same" under even prior odds; what the reports show.
  static float Probability(float log_odds);

 private:
  double ExpectedEvidence(double genuine, double quality) const;
  struct Vote {
    double mean = 0, per_sd = 0;  // cosine -> (cosine - mean) * per_sd, weight included
    double genuine = 0;           // that of a genuine pair on average
  };
  PairScorer() = default;
  double SumOfCovariances(std::span<const float> cosines) const;

  std::vector<std::string> models_;
  std::vector<Vote> votes_;         // per model; per_sd 0 for those that never vote
  std::vector<double> covariance_;  // of the weighted standardised cosines, models x models
  double all_deviation_ = 1;        // of their sum when every model votes
  double all_genuine_ = 0;
  PairCalibration calibration_;
};

}  // namespace crossface
