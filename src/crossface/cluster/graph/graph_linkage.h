// Merges clusters of nodes over the edges of a graph, in rounds: every two clusters that gain most by each
// other are merged (reciprocal nearest neighbours, Bruynooghe 1977; in rounds: Sumengen et al. 2021). Where
// merging never raises a gain, as in average linkage, that is what merging the best pair first gives, in a
// handful of rounds that use all cores. Not thread-safe.
//
// Only clusters that an edge joins are ever compared. Nodes that may not be together never come together.
#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "crossface/cluster/graph/ground.h"

namespace crossface {

// A gain that no merging of the two with others will make worth while: they are not compared again.
inline constexpr double kNever = -std::numeric_limits<double>::infinity();

struct GraphLinkage {
  // How much merging two clusters gains; negative: not now. Called from several threads between merges; it is
  // asked again when either cluster changed. Symmetric.
  std::function<double(int a, int b)> gain;
  // Called after `gone` became part of `kept` (kept < gone).
  std::function<void(int kept, int gone)> merged;
  // Edges of a lower score join nothing.
  double least = -std::numeric_limits<double>::infinity();
};

// `cluster_of`: a partition of the nodes to start from, numbered from 0 by first node, without forbidden
// pairs. Returns one numbered likewise; the same whatever the number of threads. Errors: kInterrupted.
Result<std::vector<int>> MergeOverGraph(const Ground& ground, const NeighbourGraph& graph,
                                        const std::vector<int>& cluster_of, const GraphLinkage& linkage);

// Numbers from 0 by first node, whatever the labels are; a negative label is a cluster of its own.
std::vector<int> NumberByFirst(const std::vector<int>& labels);
// Together only what is together in both, numbered from 0 by first node.
std::vector<int> Overlap(const std::vector<int>& one, const std::vector<int>& other);
int CountClusters(const std::vector<int>& cluster_of);
int CountLone(const std::vector<int>& cluster_of);  // clusters of one node

}  // namespace crossface
