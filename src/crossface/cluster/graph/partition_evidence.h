// How well a partition explains the scores of a case: what the methods choose their parameters by.
//
// The evidence is the sum, over all pairs of items that share a cluster, of score - even_threshold
// (correlation clustering, Bansal, Blum & Chawla 2004): a pair above the case's threshold speaks for being
// together, one below against. Linear in the nodes, by the sums of the clusters' vectors.
#pragma once

#include <functional>

#include "crossface/cluster/graph/ground.h"

namespace crossface {

double PartitionEvidence(const Ground& ground, const std::vector<int>& cluster_of);

// The partition of most evidence among what `make` gives for 0..candidates-1; the first of equals. Errors:
// those of make.
Result<std::vector<int>> BestByEvidence(const Ground& ground, int candidates,
                                        const std::function<Result<std::vector<int>>(int)>& make);

// Thresholds at false-match rates from 1e-2 downwards, a third of a decade apart.
std::vector<double> ThresholdLadder(const ScoreRule& rule, int steps);

}  // namespace crossface
