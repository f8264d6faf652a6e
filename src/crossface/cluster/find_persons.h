// From a partition of nodes to persons: the steps that all methods but the exact agglomerative one share.
//
// 1. The ground is made (ground.h) and the method partitions its nodes.
// 2. A cluster that holds nodes which may not be together is divided at its weakest places: it is built anew
//    from its nodes, best links first, without ever joining what may not be together.
// 3. The items that may not found a person join the one they fit: the mean of their three best scores with
//    its founders reaches the threshold of the profile (false_match_rate.h) and is kJoinMargin above the same
//    with any other person they may join. The best score first, so that of two tracks that exclude each other
//    the better one gets the person.
// 4. Confidence: the probability from (mean score with the own person) - (the best mean score with another
//    person among its neighbours, or the threshold when that is higher).
// 5. Cohesion and suggestions, see suggestions.h.
#pragma once

#include <functional>

#include "crossface/cluster/ground.h"

namespace crossface {

// A method: a cluster per node; negative labels are clusters of their own.
using Partitioner = std::function<Result<std::vector<int>>(const Ground&)>;

// Checks the problem. Errors: those of Clusterer::Cluster.
Result<ClusterAnswer> FindPersons(const ClusterProblem& problem, const ScoreRule& rule,
                                  const ClusterOptions& options, const Partitioner& partitioner);

// Step 2 alone. Numbered by first node. Errors: kInterrupted.
Result<std::vector<int>> DivideForbidden(const Ground& ground, const std::vector<int>& cluster_of);

}  // namespace crossface
