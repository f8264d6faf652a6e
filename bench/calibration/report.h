// Prints what the README's accuracy tables say about pairs.
#pragma once

#include <string>
#include <vector>

#include "crossface/calibration/pairs.h"
#include "crossface/embed/pair_calibration.h"

namespace crossface::bench {

// The share of genuine pairs of undegraded photos found at false match rates of 1e-3, 1e-4, 1e-5 and none at
// all, and of all pairs at 1e-4, 1e-5 and 1e-6 (some three degraded copies a photo make a million pairs of
// strangers many times over): every model alone, plain means of cosines, and ensembles.
void ReportDiscrimination(const Pairs& pairs, const PairCalibration& calibration);

// For every model alone and some ensembles: the false matches there are at the thresholds that PairScorer
// gives for rates, in good and in poor pairs; and for `ensemble` how its log-odds compare with counted ones.
void ReportCalibration(const Pairs& pairs, const PairCalibration& calibration,
                       const std::vector<std::string>& ensemble);

}  // namespace crossface::bench
