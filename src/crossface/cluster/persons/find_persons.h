// From a partition of nodes to persons: the steps that all methods share.
//
// 1. The ground is made (ground.h) and the method partitions its nodes.
// 2. A cluster that holds nodes which may not be together is divided at its weakest places: it is built anew
//    from its nodes, best links first, without ever joining what may not be together.
// 3. Nodes that stayed alone join a person of several, then the items that may not found a person join any:
//    the mean of their three best scores with its founders reaches the threshold of kJoinRelief times the
//    profile's rate, or of the rate for lone ones where that is lower (false_match_rate.h), and is
//    kJoinMargin (join_best.h) above the same with any other person they may join. The best score first, so
//    that of two tracks that exclude each other the better one gets the person. What is left, and what has no
//    template, is unassigned: in doubt when somebody is less than kJoinMargin below that threshold, or above
//    it, and alone when nobody is. A good item that is like no other is a person who appears once.
// 4. Confidence: the probability from (mean score with the own person) - (the best mean score with another
//    person among its neighbours, or the threshold when that is higher).
// 5. Cohesion and suggestions, see suggestions.h.
#pragma once

#include <functional>

#include "crossface/cluster/graph/ground.h"
#include "crossface/cluster/persons/clusterer.h"

namespace crossface {

// A method: a cluster per node; negative labels are clusters of their own.
using Partitioner = std::function<Result<std::vector<int>>(const Ground&)>;

// Checks the problem. Errors: those of Clusterer::Cluster.
Result<ClusterAnswer> FindPersons(const ClusterProblem& problem, const ScoreRule& rule,
                                  const ClusterOptions& options, const Partitioner& partitioner);

// Step 2 alone. Numbered by first node. Errors: kInterrupted.
Result<std::vector<int>> DivideForbidden(const Ground& ground, const std::vector<int>& cluster_of);

}  // namespace crossface
