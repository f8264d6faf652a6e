// Agglomerative clustering of tracks: the default method.
//
// 1. Items that may form a person, with what must-links join to them, are merged bottom-up by average linkage
//    until no mean score reaches the threshold of the profile's false-match rate (false_match_rate.h), which
//    follows how alike a person's own tracks are (linkage.h).
// 2. The rate needs the number of people. It is the number of persons that the loosest rate finds: what could
//    be confused is people, not tracks, for a track's own people come first. No number is asked for.
// 3. The others join the best person afterwards: the mean of their three best scores with its founders must
//    reach a threshold, and be kJoinMargin (join_best.h) above the same score with any other person they may
//    join. First those that stayed alone, then those that may not form a person.
// 4. What is left, and what has no template, is unassigned. A good item that is like no other is a person who
// appears once.
//
// A group of must-linked items is one unit throughout; when none of it may form a person, it joins or stays
// out as a whole. Confidence: the probability from (mean score with the own person) - (the best mean score
// with another, or the threshold when that is higher); for a person of one item, threshold - best
// other. 1 where a must-link alone decided.
//
// Cost: two passes over all pairs (matrix products), and a matrix over the largest set of items that chains
// of scores above the loosest threshold connect; exact. 20,000 items of one person need 800 MiB and are the
// most that is sensible.
#pragma once

#include <memory>

#include "crossface/cluster/clusterer.h"
#include "crossface/cluster/pair_scores.h"

namespace crossface {

inline constexpr char kAgglomerative[] = "agglomerative";

std::unique_ptr<Clusterer> MakeAgglomerativeClusterer(const ClusterOptions& options);

// The method itself, for any way of scoring pairs. `problem` is checked. Errors: those of Clusterer::Cluster.
Result<ClusterAnswer> ClusterAgglomeratively(const ClusterProblem& problem, const ScoreRule& rule,
                                             const ClusterOptions& options);

}  // namespace crossface
