// Optimal one-to-one assignment. Pure, thread-safe.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace crossface {

// For each row of `costs` (CV_64FC1) the column it is given, or -1, such that the sum of the costs of the
// given pairs is the lowest possible, where leaving a row without a column costs `unassigned_cost`. A pair
// that costs more than that is never given. Among equal sums the choice is fixed by the order of rows and
// columns. O(n^3): the Hungarian method with potentials (Jonker and Volgenant, A shortest augmenting path
// algorithm for dense and sparse linear assignment problems, 1987).
std::vector<int> AssignOptimally(const cv::Mat1d& costs, double unassigned_cost);

}  // namespace crossface
