// Groups the tracks of a case into persons and stores the grouping; persons keep their ids and names across runs.
#pragma once

#include <string>

#include "crossface/cluster/clusterer.h"
#include "crossface/gallery/gallery.h"

namespace crossface {

struct ClusterSummary {
  int64_t tracks = 0, persons = 0, unassigned = 0, cannot_links = 0;
  std::string method;
  std::vector<std::string> models;  // the embedding models that voted
};

// Tracks whose faces share a frame are never one person. Errors: those of the clusterer; kModelMissing when no model's vectors
// cover the case.
Result<ClusterSummary> ClusterCase(Gallery& gallery, const std::string& method, const ClusterOptions& options);

}  // namespace crossface
