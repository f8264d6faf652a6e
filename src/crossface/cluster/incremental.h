// Adds items to a grouping that stands: only the persons that the new ones touch are grouped anew.
//
// A person is touched when one of its items is a near neighbour of a new item at a score that may join them
// (the floor of average_linkage.h), is linked to one by a constraint, or when a constraint on its items does
// not hold. The items of the touched persons, the unassigned ones among the neighbours and the new items are
// a problem of their own, whose false-match rate is that of the whole case. All other persons stay item for
// item.
//
// What it gives differs from grouping everything anew only where a new item changes the number of people so
// much that the threshold moves for persons it does not touch, or where more than half of the case is
// touched: then everything is grouped anew.
#pragma once

#include <vector>

#include "crossface/cluster/find_persons.h"

namespace crossface {

// Per item: its person, numbered from 0; kUnassigned; or kNew.
inline constexpr int kUnassigned = -1, kNew = -2;

// `before` may name persons in any order. Cohesion and suggestions are those of the touched persons; the
// confidence of items that were not touched is negative: it is what it was. Errors: those of
// Clusterer::Cluster; kInvalidArgument when `before` does not fit.
Result<ClusterAnswer> ClusterIncrementally(const ClusterProblem& problem, const ScoreRule& rule,
                                           const ClusterOptions& options, const Partitioner& partitioner,
                                           const std::vector<int>& before);

}  // namespace crossface
