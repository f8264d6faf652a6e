// k-means on directions: every row goes to the centre that it has the largest inner product with (Dhillon &
// Modha 2001). By FAISS, from seeds that are spread. Pure; deterministic.
#pragma once

#include <Eigen/Core>
#include <stop_token>
#include <vector>

#include "crossface/util/status.h"

namespace crossface {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// At most so many rows, evenly chosen, that are far from each other: greedy k-means++ (Arthur & Vassilvitskii
// 2007) with a fixed seed. Fewer come back when there are fewer different ones.
RowMatrix SpreadRows(const RowMatrix& rows, int wanted);

// Lloyd's rounds from these centres (changed; unit length). Per row its centre. Errors: kInterrupted, asked
// before it starts.
Result<std::vector<int>> ClusterDirections(const RowMatrix& rows, int rounds, RowMatrix* centres,
                                           const std::stop_token& stop);

}  // namespace crossface
