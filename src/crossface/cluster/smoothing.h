// Vectors in which the nodes of one person are closer to each other than their pictures are: every node is
// replaced, per model, by the weighted mean of itself and its nearest neighbours (query expansion, Chum et
// al. 2007; Radenovic et al. 2019), twice, the second time with the neighbours that the first round found.
//
// A neighbour's weight rises from 0 at the threshold of one wrong pair in a thousand to 1 at one in ten
// thousand; nodes that may not be together do not see each other. A node without such neighbours stays as it
// is. Models are never mixed.
#pragma once

#include "crossface/cluster/ground.h"

namespace crossface {

struct SmoothedNodes {
  ClusterProblem nodes;  // unit length where present
  NeighbourGraph graph;  // the edges of the ground's graph, scored anew
};

// Errors: kInterrupted.
Result<SmoothedNodes> Smooth(const Ground& ground);

}  // namespace crossface
