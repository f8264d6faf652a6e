// What a reviewer should look at, and how well every person hangs together.
//
// Cohesion: the probability from (mean score between the two halves that the person falls into most easily) -
// (the threshold of the profile); 1 for a person of one node.
// Merge candidates: persons that an edge of the graph joins and nothing forbids, whose mean score is above
// the threshold of one wrong pair in a hundred. Mixtures: persons of low cohesion; the smaller half is what
// may be somebody else. The gain is the probability times the pairs of items that the correction would put
// right.
#pragma once

#include "crossface/cluster/graph/ground.h"
#include "crossface/cluster/persons/clusterer.h"

namespace crossface {

inline constexpr size_t kMostSuggestions = 200;

// Fills answer's cohesion and suggestions; `cluster_of` per node in the numbers of the answer. Errors:
// kInterrupted.
Status Suggest(const Ground& ground, const std::vector<int>& cluster_of, double threshold,
               ClusterAnswer* answer);

}  // namespace crossface
