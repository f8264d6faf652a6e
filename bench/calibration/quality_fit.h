// Fits how far a face picture can be trusted to the cosines that it has with good pictures of the same
// person.
#pragma once

#include <vector>

#include "crossface/calibration/labelled_faces.h"

namespace crossface::bench {

// Prints the weights for QualityFeatures(), and how well weights fitted on every other person foretell the
// cosines of the others. Every vector of a face is used; give it the ArcFaces.
void ReportQualityFit(const std::vector<LabelledFace>& faces);

}  // namespace crossface::bench
