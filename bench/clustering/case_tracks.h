// The methods on the tracks of a case, scored against the truth of its videos by time on screen.
#pragma once

#include <filesystem>

#include "clustering/report.h"
#include "crossface/cluster/persons/clusterer.h"
#include "crossface/util/status.h"

namespace crossface::bench {

// Works on a copy of the case's gallery in `scratch`; the case is left alone. Errors: those of the gallery,
// the clusterer and the evaluation.
Result<Outcome> ClusterCaseTracks(const std::filesystem::path& case_folder,
                                  const std::filesystem::path& truth, const std::filesystem::path& scratch,
                                  const std::string& method, const ClusterOptions& options);

}  // namespace crossface::bench
