// Vectors in which the nodes of one person are closer to each other than their pictures are: every node is
// replaced, per model, by the weighted mean of itself and its nearest neighbours (query expansion, Chum et
// al. 2007; Radenovic et al. 2019), twice, the second time with the neighbours that the first round found.
//
// A neighbour's weight rises from 0 at the threshold of kNoWeightRate to 1 at that of kFullWeightRate; nodes
// that may not be together do not see each other. A node without such neighbours stays as it is. Models are
// never mixed.
#pragma once

#include "crossface/cluster/ground.h"

namespace crossface {

// The nodes of the ground with such vectors, unit length where present. Errors: kInterrupted.
Result<ClusterProblem> Smooth(const Ground& ground);

}  // namespace crossface
