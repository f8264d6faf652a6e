// Fuses what several detectors, or one detector at several scales and tiles, report about one picture: weighted box voting.
// Pure functions, thread-safe, deterministic for any order of the input lists.
#pragma once

#include <span>
#include <vector>

#include "crossface/detect/detection.h"

namespace crossface {

struct FusionOptions {
  float iou = 0.45f;  // reports that overlap at least this much are one face
};

// Greedy clusters around the best-scored report; box and landmarks are the mean weighted by calibrated score; the fused score
// grows with the number of detectors that agree (see fusion.cc for the rule and the measurement behind it).
// `asked` is every detector that looked at this picture, whether or not it reported anything.
// After Solovyev, Wang, Gabruseva: Weighted boxes fusion, 2021, and Gidaris & Komodakis: box voting, ICCV 2015.
std::vector<Detection> FuseDetections(std::span<const std::vector<Detection>> reports, DetectorSet asked,
                                      const FusionOptions& options = {});

}  // namespace crossface
