// Fits what one more embedding model's cosines mean, given a calibration of others, and checks it on people
// who were not fitted. Pure functions, thread-safe.
//
// Of the new model two numbers decide whom it joins: the mean of its cosines between different people, and
// their deviation, taken so wide that the tail of the calibration that stands holds for it as well, as far
// out as there are pairs to tell. Shape of the tail and effect of the pictures' quality are those of the
// calibration that stands: they are alike for all networks measured (docs/accuracy.md), and a few hundred
// photos cannot tell them. Its say beside the others is Fisher's linear discriminant (1936).
#pragma once

#include <string>
#include <vector>

#include "crossface/calibration/labelled_faces.h"
#include "crossface/embed/fitted_calibration.h"
#include "crossface/util/status.h"

namespace crossface {

// Fewer people with two photos, and the promised rate of errors does not hold on others: from 20 people it
// was exceeded up to sixfold at one in 10,000, from 40 up to twofold (docs/accuracy.md).
inline constexpr int kFewestPeople = 40;

// `models`: one per vector of the faces; `fitted`: which of them is to be fitted; the others that `known` has
// are fitted beside. made, made_by and replaces_built_in are the caller's to fill. Errors: kUnsupported,
// saying what is missing or what does not hold: too few people, a model that hardly tells people apart, more
// false matches among people left out than promised.
Result<FittedCalibration> FitModel(const std::vector<LabelledFace>& faces,
                                   const std::vector<ModelVersion>& models, size_t fitted,
                                   const KnownCalibration& known);

// The fit alone, to any people, for those who measure what it needs. REQUIRES: pairs of both kinds. Errors:
// none of the other models is known.
Result<FittedCalibration> FitUnchecked(const std::vector<LabelledFace>& faces,
                                       const std::vector<ModelVersion>& models, size_t fitted,
                                       const KnownCalibration& known);

}  // namespace crossface
