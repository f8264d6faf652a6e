// Fits calibrations for embedding models that have none, on a user's photos of people whom he knows, and
// keeps them in the user's data folder (embed/fitted_calibration.h). Models that are calibrated already look
// at the labels first.
#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "crossface/calibration/calibrate_summary.h"
#include "crossface/calibration/labelled_faces.h"
#include "crossface/embed/fitted_calibration.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/util/status.h"

namespace crossface {

struct CalibrateOptions {
  std::filesystem::path photos;  // a folder per person in it
  std::vector<std::string>
      embedders;  // to be fitted; empty: all installed ones without a compiled-in calibration
  std::filesystem::path models = ModelStore::DefaultFolder();
  std::filesystem::path calibrations = CalibrationFolder();
  bool replace_built_in =
      false;  // those of `embedders` that have a compiled-in one too, which then counts no more
  std::string device = "auto";
  int threads = 1;  // results do not depend on it
  std::stop_token stop;
  std::function<void(int64_t, int64_t)> progress;  // photos read and in all
};

struct CalibrateModels {
  LabelledFaceTools tools;
  std::vector<std::string> fitted;  // which of the tools' embedders are to be fitted
};

// Errors: kInvalidArgument (no such embedder; one that has a compiled-in calibration, unless it is to be
// replaced; none to be fitted), kModelMissing (one that was named, every detector, or every calibrated model
// is not installed), those of the models.
Result<CalibrateModels> LoadModels(const CalibrateOptions& options);

// Nothing is written unless every model could be fitted. `summary` tells what was found even where the fit
// was refused. Errors: those of FindLabelledPhotos, ReadLabelledFaces and FitModel; kUnsupported for photos
// whose labels contradict each other; kInterrupted; those of writing.
Status Calibrate(const CalibrateModels& models, const CalibrateOptions& options, CalibrateSummary* summary);

}  // namespace crossface
