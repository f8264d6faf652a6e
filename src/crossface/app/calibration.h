// Fitting what the scores of an embedding model mean, on photos of people whom the user knows. Needs no case;
// what was fitted is kept in the user's data folder and counts in every case from then on. Thread-safe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "crossface/app/ending.h"
#include "crossface/app/watch.h"
#include "crossface/calibration/calibrate_summary.h"
#include "crossface/inference/models/model_store.h"
#include "crossface/util/public_api.h"

namespace crossface {

struct CalibrateRequest {
  std::filesystem::path photos;        // a folder per person in it, named after the person
  std::vector<std::string> embedders;  // empty: all installed ones without a compiled-in calibration
  std::filesystem::path models = ModelStore::DefaultFolder();
  bool replace_built_in = false;  // fit those of `embedders` anew that have a compiled-in one, which then
                                  // counts no more
  std::string device = "auto";
  int threads = 1;  // results do not depend on it
};

// The answer tells what was found in the photos even where a fit was refused (kUnsupported), and then nothing
// is kept. Progress as work named "calibrate".
CROSSFACE_API Ending CalibrateEmbedders(const CalibrateRequest& request, const Watch& watch,
                                        CalibrateSummary* answer);

}  // namespace crossface
