// Fits a PairCalibration to labelled pairs.
#pragma once

#include <string>
#include <vector>

#include "crossface/calibration/pairs.h"
#include "crossface/embed/pair_calibration.h"

namespace crossface {

// `ensemble`: the models whose pooled score the tail and the quality's effect are fitted on; the line of
// log-odds is fitted on them together and on every model alone, since one line must serve any subset.
// `weights`: per model of `names`.
PairCalibration FitCalibration(const Pairs& pairs, const std::vector<std::string>& names,
                               const std::vector<double>& weights, const std::vector<std::string>& ensemble);

}  // namespace crossface
