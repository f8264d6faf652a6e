#include "crossface/cluster/methods/average_linkage.h"

#include <algorithm>
#include <numeric>

#include "crossface/cluster/graph/false_match_rate.h"
#include "crossface/cluster/graph/graph_linkage.h"
#include "crossface/cluster/graph/score_spread.h"

namespace crossface {
namespace {

// The inner pairs of a small cluster say little: the usual value counts as one pair more, and beyond ten the
// pairs repeat each other.
constexpr double kUsualPairs = 1, kMostPairs = 10;
// The spread of fewer persons says little about the next one: from 20 on, the threshold was lowered on the
// tracks of two of make_synth's thirteen seeds (33 and 36 persons of several tracks), and one of them mixed
// somebody.
constexpr int kFewestPersons = 100;
constexpr int kMostRounds = 8;
constexpr double kLeastStep = 0.02;  // of the distance between floor and threshold; less is no new round

LinkageRule RuleFor(const Ground& ground, int persons) {
  return RuleFor(ground.rule(), ground.options().profile, persons + ground.options().persons_elsewhere);
}

double Lowered(const Ground& ground, const LinkageRule& rule, const std::vector<int>& cluster_of) {
  if (ground.options().persons_elsewhere > 0) return rule.threshold;  // a part does not show the spread
  const ScoreSpread spread = SpreadWithin(ground, cluster_of);
  if (spread.persons < kFewestPersons) return rule.threshold;
  return std::clamp(spread.mean - kMostDeviations * spread.deviation, rule.floor, rule.threshold);
}

}  // namespace

LinkageRule RuleFor(const ScoreRule& rule, Profile profile, int people) {
  const double rate = FalseMatchRate(profile, people), threshold = rule.threshold_for(rate);
  return {.threshold = threshold,
          .lowered = threshold,
          .floor = rule.threshold_for(rate * kMostRelief),
          .genuine = rule.genuine,
          .lone_pair = rule.threshold_for(LonePairRate(profile, people))};
}

double LinkageRule::ReliefOf(double size, double mean_within) const {
  const double pairs = size * (size - 1) / 2;
  if (pairs < 1) return 0;
  const double counted = std::min(pairs, kMostPairs);
  return kCohesionShare * (genuine - mean_within) * counted / (counted + kUsualPairs);
}

double ExcessOf(const LinkageRule& rule, double asked, const ClusterSums& sums, int a, int b) {
  const double mean = sums.MeanScore(a, b);
  if (mean < rule.floor) return kNever;
  if (sums.size(a) < 2 && sums.size(b) < 2) return mean - std::max(asked, rule.lone_pair);
  const double relief = std::max(rule.ReliefOf(sums.size(a), sums.MeanScoreWithin(a, 0)),
                                 rule.ReliefOf(sums.size(b), sums.MeanScoreWithin(b, 0)));
  return mean - std::max(rule.floor, asked - relief);
}

Result<std::vector<int>> Link(const Ground& ground, const LinkageRule& rule, double asked,
                              const std::vector<int>& start) {
  ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule(), start, CountClusters(start));
  // A mean that reaches the floor has a pair that does.
  return MergeOverGraph(ground, ground.graph(), start,
                        {.gain = [&](int a, int b) { return ExcessOf(rule, asked, sums, a, b); },
                         .merged = [&](int kept, int gone) { sums.Merge(kept, gone); },
                         .least = rule.floor});
}

Result<std::vector<int>> PartitionInRounds(const Ground& ground, const PartitionAt& partition) {
  LinkageRule rule = RuleFor(ground, ground.count());
  std::vector<int> single(static_cast<size_t>(ground.count()));
  std::iota(single.begin(), single.end(), 0);
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<int> cluster_of, partition(rule, single));
  for (int round = 0; round < kMostRounds; ++round) {
    LinkageRule next = RuleFor(ground, CountClusters(cluster_of));
    next.lowered = Lowered(ground, next, cluster_of);
    if (next.lowered > rule.lowered - kLeastStep * (rule.threshold - rule.floor)) break;
    rule = next;
    CROSSFACE_ASSIGN_OR_RETURN(cluster_of, partition(rule, cluster_of));
  }
  return cluster_of;
}

}  // namespace crossface
