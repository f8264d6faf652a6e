// The largest inner products of many vectors with many others, on the processor: the costly step of the
// search for neighbours.
//
// BLAS rounds the last digits of a product by the shape of the matrices and by how many threads share the
// work. So products are computed in tiles that depend on the two lists alone, each by one thread: the same
// lists give the same numbers with any number of threads, and in any process of the same kind of processor.
// Of equal products the one with the smaller number comes first. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "crossface/cluster/graph/spherical_kmeans.h"

namespace crossface {

// Query by query, `most` each, falling.
struct LargestProducts {
  std::vector<float> products;
  std::vector<int64_t> found;  // numbers of targets' rows
};

// On as many threads as the budget has. REQUIRES: 1 <= most <= targets.rows(). Errors: kInterrupted.
using RowsRef = Eigen::Ref<const RowMatrix>;
Result<LargestProducts> FindLargestProducts(const RowsRef& queries, const RowsRef& targets, size_t most,
                                            const std::stop_token& stop);

// Keeps the best of what was found already and what comes, whose numbers are counted from `first` on and are
// larger than those before. `width` of each query are kept at most.
void MergeProducts(const LargestProducts& found, int64_t first, size_t queries, size_t width,
                   LargestProducts* best);

}  // namespace crossface
