// Spectral clustering (Ng, Jordan & Weiss 2002) of the sparse neighbour graph, every connected part for
// itself; eigenvectors by Spectra.
//
// The weight of an edge rises from 0 at the threshold of one wrong pair in a hundred. How many clusters a
// part has is told by its largest eigengaps; among these the partition of most evidence counts
// (partition_evidence.h).
//
// A part of more than kLargestPart nodes, too large for its eigenvectors, is refused.
#pragma once

#include "crossface/cluster/ground.h"

namespace crossface {

inline constexpr char kSpectral[] = "spectral";
inline constexpr int kLargestPart = 6000;

// Errors: kOutOfResources for a part that is too large, kInterrupted.
Result<std::vector<int>> PartitionBySpectrum(const Ground& ground);

}  // namespace crossface
