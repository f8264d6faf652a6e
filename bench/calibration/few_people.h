// How many people a calibration of a user's own needs.
#pragma once

#include <vector>

#include "crossface/calibration/labelled_faces.h"
#include "crossface/embed/fitted_calibration.h"

namespace crossface::bench {

// Fits each model (one per vector of the faces) as though it had no calibration, on ever more people drawn at
// random, and prints how many false matches there are on 250 others for each that is promised: the median and
// the worst of a dozen draws; and what was fitted beside what is compiled in.
void ReportFewPeople(const std::vector<LabelledFace>& faces, const std::vector<ModelVersion>& models);

}  // namespace crossface::bench
