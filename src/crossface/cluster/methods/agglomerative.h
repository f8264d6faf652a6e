// Agglomerative clustering: average linkage with a calibrated stop, see average_linkage.h. Exact up to
// kAllPairsUpTo nodes (ground.h), over the nearest neighbours beyond.
#pragma once

#include "crossface/cluster/graph/ground.h"

namespace crossface {

inline constexpr char kAgglomerative[] = "agglomerative";

// Errors: kInterrupted.
Result<std::vector<int>> PartitionByLinkage(const Ground& ground);

}  // namespace crossface
