// Spectral clustering (Ng, Jordan & Weiss 2002) of the sparse neighbour graph, every connected part for
// itself; eigenvectors by Spectra.
//
// The weight of an edge is what its score is above the threshold of the case (average_linkage.h). A part is
// divided into as many clusters as its largest eigengap tells, and these again, until the largest gap is the
// one behind the first eigenvalue: what is left is one person. That gap counts kWholeness times, since a
// person is divided sooner by chance than two are taken for one.
//
// A part of more than kLargestPart nodes, too large for its eigenvectors, is refused.
#pragma once

#include "crossface/cluster/graph/ground.h"

namespace crossface {

inline constexpr char kSpectral[] = "spectral";
inline constexpr int kLargestPart = 6000;

// Chosen from 1, 1.5, 2, 3 and 4 on tracks of make_synth's seeds 1, 101 to 103, 211 to 213, 301 to 306 and
// 401 to 403: BCubed recall .977, .978, .978, .978 and .980, with 4 one set mixes somebody; on 501 to 505,
// which chose nothing, .966 with 2, nobody mixed. On either half of FaceNet 128-d vectors pairwise F .993 /
// .995 with 1, .993 / .996 with 2 and .991 / .996 with 4.
inline constexpr double kWholeness = 2;

// Errors: kOutOfResources for a part that is too large, kInterrupted.
Result<std::vector<int>> PartitionBySpectrum(const Ground& ground);

}  // namespace crossface
