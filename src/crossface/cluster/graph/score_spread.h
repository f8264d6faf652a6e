// How alike the items of one person are in a case, from the persons found so far. Pure; thread-safe.
#pragma once

#include <vector>

#include "crossface/cluster/graph/ground.h"

namespace crossface {

struct ScoreSpread {
  int persons = 0;  // of several nodes
  double mean = 0, deviation = 0;
};

// Of the pairs of nodes within the clusters; of large ones, those among sixteen evenly chosen nodes.
ScoreSpread SpreadWithin(const Ground& ground, const std::vector<int>& cluster_of);

}  // namespace crossface
