// DBSCAN (Ester et al. 1996) over the neighbour graph. Linear in its edges.
//
// A node with kCoreNeighbours neighbours within the radius is a core; cores within the radius of each other
// are one cluster; others go with their nearest core within it or stand alone. The radius is the one of the
// ladder of false-match rates whose partition has the most evidence (partition_evidence.h).
#pragma once

#include "crossface/cluster/graph/ground.h"

namespace crossface {

inline constexpr char kDbscan[] = "dbscan";
inline constexpr int kCoreNeighbours = 2;

Result<std::vector<int>> PartitionByDensity(const Ground& ground);
// At one radius: `threshold` is the least score of neighbours.
std::vector<int> DensityClusters(const Ground& ground, double threshold);

}  // namespace crossface
