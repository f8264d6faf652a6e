// Adds items to a grouping that stands. Persons who are there stay whole, and apart unless a must-link joins
// them: what was told apart with all their items is not joined for a few new ones. New items join them or are
// new persons.
//
// A person is touched when a correction has changed it, when one of its items is a near neighbour of a new
// item, or of one of the kMostRepresentatives best items of a changed person, at a score that may join them
// (the floor of average_linkage.h), or when a constraint links it to one. The new items, the unassigned among
// their neighbours and the touched persons, each as one must-linked group of its kMostRepresentatives best
// items, are a problem of their own, whose false-match rate is that of the whole case. All other persons stay
// item for item. A person in whom a constraint does not hold is grouped anew from its items. Where
// constraints cannot hold with persons whole, everything is grouped anew.
//
// Time: the products of the new items and of the changed persons' best with all others, and a problem of the
// persons they touch.
#pragma once

#include <set>
#include <vector>

#include "crossface/cluster/persons/find_persons.h"

namespace crossface {

// Per item: its person, numbered from 0; kUnassigned; or kNew.
inline constexpr int kUnassigned = -1, kNew = -2;
inline constexpr size_t kMostRepresentatives = 16;
// When more persons are touched, everything is grouped anew.
inline constexpr size_t kMostTouched = 4000;

// `before` may name persons in any order; `changed` are those of them who have other items than the last
// grouping or a correction since then left them with, so that others may join them now. The confidence of
// items that were not new and stayed with their person is negative: it is what it was, and so is the reason
// of those without one, which is kNone here; likewise nothing is said of cohesion, and nothing suggested.
// Errors: those of Clusterer::Cluster; kInvalidArgument when `before` does not fit.
Result<ClusterAnswer> ClusterIncrementally(const ClusterProblem& problem, const ScoreRule& rule,
                                           const ClusterOptions& options, const Partitioner& partitioner,
                                           const std::vector<int>& before, const std::set<int>& changed = {});

}  // namespace crossface
