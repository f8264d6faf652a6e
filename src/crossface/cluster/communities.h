// Communities of the neighbour graph by the map equation (Infomap, Rosvall & Bergstrom 2008) or the Leiden
// method with the constant Potts model (Traag, Waltman & van Eck 2019), by igraph. Near-linear in the edges.
//
// Which of the two, and the least score of an edge, is decided by the evidence of the partitions
// (partition_evidence.h).
#pragma once

#include "crossface/cluster/ground.h"

namespace crossface {

inline constexpr char kCommunities[] = "communities";

Result<std::vector<int>> PartitionByCommunities(const Ground& ground);

// One of them, with edges of at least `threshold`; Leiden: weights are score - floor, density threshold -
// floor. Errors: kInternal with igraph's message, kInterrupted.
Result<std::vector<int>> InfomapCommunities(const Ground& ground, const NeighbourGraph& graph,
                                            double threshold, int neighbours);
Result<std::vector<int>> LeidenCommunities(const Ground& ground, const NeighbourGraph& graph, double floor,
                                           double threshold);

}  // namespace crossface
