// Agglomerative clustering of tracks: the default method.
//
// 1. Items that may form a person, with what must-links join to them, are merged bottom-up while the
// MergeRule holds.
// 2. The rate of the rule is the expected number of wrong links of the profile / (c (c - 1) / 2), never above
//    MergeRule::kLargestRate. c is the number of persons that the loosest rule finds: what could be confused
//    is people, not tracks, for a track's own people come first. c may be off by half: the rate then moves by
//    a factor of four, the threshold by a few per cent. Nothing else depends on it, and no number of people
//    is asked for.
// 3. The others join the best person afterwards: the mean of their three best scores with its founders must
// reach the
//    threshold of a single pair, and be kJoinMargin above the same score with any other person they may join.
// 4. What is left, and what has no template, is unassigned. A good item that is like no other is a person who
// appears once.
//
// A group of must-linked items is one unit throughout; when none of it may form a person, it joins or stays
// out as a whole. Confidence: the probability from (mean score with the own person) - (the best mean score
// with another, or the rule's lowest threshold when that is higher); for a person of one item, lowest
// threshold - best other. 1 where a must-link alone decided.
//
// Cost: two passes over all pairs (matrix products), and a matrix over the largest set of items that chains
// of scores above the lowest threshold connect; exact. 20,000 items of one person need 800 MiB and are the
// most that is sensible.
#pragma once

#include <memory>

#include "crossface/cluster/clusterer.h"
#include "crossface/cluster/pair_scores.h"

namespace crossface {

inline constexpr char kAgglomerative[] = "agglomerative";

// Log-odds by which a poor track must fit its person better than the next: odds of 20 to 1, the least that
// forensic scales call more than weak support (ENFSI 2015, table 4: likelihood ratios of 10 to 100 are
// moderate).
inline constexpr double kJoinMargin = 3;

// Expected wrong links in the case: strict 0.01, balanced 0.1, loose 1.
double ExpectedWrongLinks(Profile profile);

std::unique_ptr<Clusterer> MakeAgglomerativeClusterer(const ClusterOptions& options);

// The method itself, for any way of scoring pairs. `problem` is checked. Errors: those of Clusterer::Cluster.
Result<ClusterAnswer> ClusterAgglomeratively(const ClusterProblem& problem, const ScoreRule& rule,
                                             const ClusterOptions& options);

}  // namespace crossface
