// What is known about the cosines of each embedding net: the numbers that PairScorer works with. Plain
// values; the functions are pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

// One net. All cosines are of pairs of good pictures.
struct ModelCalibration {
  std::string model;         // manifest name
  double impostor_mean = 0;  // mean and standard deviation of the cosine over pairs of different people
  double impostor_sd = 1;
  double genuine_mean = 1;  // mean over pairs of one person's pictures, taken on different days
  double weight = 1;        // its say in an ensemble
};

struct PairCalibration {
  std::vector<ModelCalibration> models;
  std::vector<double> correlation;  // of impostor cosines, models x models, row-major

  // The distance of even odds from the impostors' mean, as a share of what genuine pairs of that quality
  // have; and the log-odds gained per (standard deviation)^2 beyond it.
  double even_odds = 0.5, slope = 1;

  // Quality of a pair: the geometric mean of its two pictures' qualities. What genuine pairs have
  // falls linearly from all of it at `good_quality` to a share of `least_evidence` at nought; below
  // `tail_quality` impostor cosines scatter `tail_growth` times as much per unit.
  double good_quality = 1, least_evidence = 0.1;
  double tail_quality = 0, tail_growth = 0;

  // The upper tail of the standardised impostor score is that of a normal distribution with this mean and
  // deviation.
  double tail_mean = 0, tail_sd = 1;
};

// Errors: kCorrupt, naming the member that is missing or makes no sense.
Result<PairCalibration> ParsePairCalibration(std::string_view json);
std::string PairCalibrationToJson(const PairCalibration& calibration);

// models/calibration.json as it was when the program was built.
const PairCalibration& BuiltInPairCalibration();

}  // namespace crossface
