// Fits the constants of fusion.cc on labelled pictures.
#pragma once

#include <vector>

#include "crossface/detect/detector.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/util/status.h"
#include "detection/labelled_pictures.h"

namespace crossface::bench {

// What one detector said about one candidate, as the logit of a probability, and whether it was a face.
struct LogisticFit {
  std::vector<double> weights;
  double offset = 0;
  double Logit(const std::vector<double>& features) const;
};

// Logistic regression by Newton's method with a ridge penalty on the weights.
LogisticFit FitLogistic(const std::vector<std::vector<double>>& features, const std::vector<bool>& labels,
                        double ridge);

// Fits each detector's calibration and its vote in the pool on `fit` and prints them, with the calibration's
// error on `check`: the mean difference between the calibrated score and the share of faces, over tenths of
// the reports sorted by score.
Status FitAndPrint(const ModelStore& models, const std::vector<LabelledPicture>& fit,
                   const std::vector<LabelledPicture>& check);

}  // namespace crossface::bench
