// Average linkage (Sokal & Michener 1958) over the neighbour graph: the two clusters of the highest mean
// score are merged, until none reaches what is asked. Both the agglomerative method and the hybrid are made
// of it.
//
// What is asked follows the case and the clusters:
// - The threshold is that of the profile's false-match rate for the number of people there are
//   (false_match_rate.h): what can be confused is people, not tracks. There are at most as many as nodes; how
//   many is found in rounds.
// - Where that threshold would lose more of the pairs of one person than kMostDeviations tell, a lower one
//   holds, the `lowered` one: as many standard deviations below the mean of the pairs within the persons
//   found so far. They grow while it falls: rounds again. It serves networks that tell people
//   apart less well than usual, or footage in which they do, and is never below the floor.
// - Somebody whose own tracks are less alike than usual (a beard grown, glasses, years) is met again at lower
//   scores, and a look-alike of somebody whose tracks are all alike needs a higher one: what is asked moves
//   by kCohesionShare of what the less coherent cluster's mean inner score is off from that of genuine pairs,
//   never below the floor.
// - The floor is the threshold at kMostRelief times the rate.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "crossface/cluster/graph/cluster_sums.h"
#include "crossface/cluster/graph/ground.h"

namespace crossface {

// Chosen from 0, 1/4 and 1/2 on 60 cases of 40 people drawn from LFW photos, two ArcFaces: at one false match
// in 10,000 BCubed precision is 1.000 with all three, recall .983, .986 and .987; on all 230 people .990,
// .995 and .996. On tracks of make_synth's seeds 1, 101 to 103 and 211 to 213, which chose nothing: precision
// .999 with all, recall .962, .970 and .975.
inline constexpr double kCohesionShare = 0.5;
inline constexpr double kMostRelief = 10;
// An eightieth of normally spread pairs. On tracks of make_synth's thirteen seeds it never lowers the
// threshold; on FaceNet 128-d vectors, a network with a standard deviation of .77 between pairs of one person
// and 5.1 between these and strangers' (two ArcFaces: 1.1 and 6.5), it does.
inline constexpr double kMostDeviations = 2.25;

struct LinkageRule {
  double threshold = 0;  // of the profile's rate
  double lowered = 0;    // at most `threshold`
  double floor = 0;      // at most `lowered`
  double genuine = 0;    // mean score of genuine pairs
  double lone_pair = 0;  // what two lone nodes need, see LonePairRate; at least `lowered`

  // How far what is asked moves for a cluster of so many items; negative: it needs more.
  double ReliefOf(double size, double mean_within) const;
};

// Of so many people; nothing is lowered.
LinkageRule RuleFor(const ScoreRule& rule, Profile profile, int people);

// By how much the mean score of two clusters exceeds what `asked` (threshold or lowered) demands of them.
double ExcessOf(const LinkageRule& rule, double asked, const ClusterSums& sums, int a, int b);

// Average linkage from the clusters of a partition. Per node its cluster, numbered by first node. Errors:
// kInterrupted.
Result<std::vector<int>> Link(const Ground& ground, const LinkageRule& rule, double asked,
                              const std::vector<int>& start);

// A partition of the nodes under a rule. `before` is that of the round before, under a stricter rule; single
// nodes at first.
using PartitionAt =
    std::function<Result<std::vector<int>>(const LinkageRule& rule, const std::vector<int>& before)>;

// Finds the rule in rounds as told above, and the partition that belongs to it. Errors: those of `partition`.
Result<std::vector<int>> PartitionInRounds(const Ground& ground, const PartitionAt& partition);

}  // namespace crossface
