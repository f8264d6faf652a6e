// Merges clusters of nodes over the edges of a graph, best first. Not thread-safe.
//
// Only clusters that an edge joins are ever compared, with a heap of the gains (stale entries are passed
// over): O(edges log edges) merges and comparisons, each as dear as the gain that is asked for. Ties go to
// the lowest numbers. Nodes that may not be together never come together.
#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "crossface/cluster/ground.h"

namespace crossface {

struct GraphLinkage {
  // How much merging two clusters gains; negative: never, or not now. It is asked again when either changed.
  std::function<double(int a, int b)> gain;
  // Called after `gone` became part of `kept` (kept < gone).
  std::function<void(int kept, int gone)> merged;
  // Edges of a lower score join nothing.
  double least = -std::numeric_limits<double>::infinity();
};

// `cluster_of`: a partition of the nodes to start from, numbered from 0 by first node, without forbidden
// pairs. Returns one numbered likewise. Errors: kInterrupted.
Result<std::vector<int>> MergeOverGraph(const Ground& ground, const NeighbourGraph& graph,
                                        const std::vector<int>& cluster_of, const GraphLinkage& linkage);

// Numbers from 0 by first node, whatever the labels are; a negative label is a cluster of its own.
std::vector<int> NumberByFirst(const std::vector<int>& labels);
int CountClusters(const std::vector<int>& cluster_of);

}  // namespace crossface
