// k-means on directions (spherical_kmeans.h) with the number of clusters found by the data: of a ladder of
// numbers, each a tenth larger than the last, the one whose partition has the most evidence
// (partition_evidence.h). For every number, clusters whose mean score is above the case's threshold are
// merged and their means are the centres of a second run (ISODATA, Ball & Hall 1965). The models' vectors are
// laid end to end as in neighbour_graph.h.
//
// Time grows with nodes x clusters for every number that is tried: made for up to kMostNodesForKmeans.
#pragma once

#include "crossface/cluster/graph/ground.h"

namespace crossface {

inline constexpr char kKmeans[] = "kmeans";
inline constexpr int kMostNodesForKmeans = 20000;

// Errors: kOutOfResources for more nodes than that, kInterrupted.
Result<std::vector<int>> PartitionByKmeans(const Ground& ground);

}  // namespace crossface
