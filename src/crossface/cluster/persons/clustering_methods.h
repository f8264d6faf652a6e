// The methods of grouping by name. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "crossface/util/public_api.h"

namespace crossface {

inline constexpr char kDefaultClustering[] = "hybrid";

// "agglomerative", "communities", "dbscan", "hybrid", "kmeans", "spectral".
CROSSFACE_API std::vector<std::string> ClusteringMethods();

}  // namespace crossface
