// Fills a problem item by item, for those who hold a few templates against each other. Not thread-safe.
#pragma once

#include <span>
#include <vector>

#include "crossface/cluster/graph/cluster_problem.h"

namespace crossface {

// Appends an item that may found a person. `vectors`: its template of each of the problem's models, in their
// order; empty where there is none, else as long as the matrix has dimensions.
void AddItem(std::span<const std::vector<float>> vectors, float quality, float evidence,
             ClusterProblem* problem);

}  // namespace crossface
