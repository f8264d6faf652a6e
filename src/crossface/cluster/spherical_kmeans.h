// k-means on directions: every row goes to the centre that it has the largest inner product with (Dhillon &
// Modha 2001). Pure; deterministic whatever the number of threads.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

struct DirectionClusters {
  RowMatrix centres;           // unit length
  std::vector<int> centre_of;  // per row
};

// The centre with the largest inner product per row; ties go to the lowest number.
Result<std::vector<int>> NearestCentres(const RowMatrix& rows, const RowMatrix& centres,
                                        const std::function<bool()>& keep_going);

// Greedy k-means++ with a fixed seed, then at most `rounds` rounds of Lloyd's. Fewer centres come back when
// there are fewer different rows.
Result<DirectionClusters> ClusterDirections(const RowMatrix& rows, int centres, int rounds,
                                            const std::function<bool()>& keep_going);

}  // namespace crossface
