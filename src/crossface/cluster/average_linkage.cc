#include "crossface/cluster/average_linkage.h"

#include <algorithm>
#include <numeric>

#include "crossface/cluster/false_match_rate.h"
#include "crossface/cluster/graph_linkage.h"
#include "crossface/cluster/score_spread.h"

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
constexpr double kLeastStep = 0.02;  // of the distance between floor and threshold

LinkageRule RuleFor(const Ground& ground, double rate) {
  const double threshold = ground.rule().threshold_for(rate);
  return {.threshold = threshold,
          .lowered = threshold,
          .floor = ground.rule().threshold_for(rate * kMostRelief),
          .genuine = ground.rule().genuine};
}

Result<std::vector<int>> Link(const Ground& ground, const LinkageRule& rule, const MakeLinkageState& make,
                              const std::vector<int>& start) {
  CROSSFACE_ASSIGN_OR_RETURN(const LinkageState state, make(rule, start, CountClusters(start)));
  // A mean that reaches the floor has a pair that does.
  return MergeOverGraph(ground, ground.graph(), start,
                        {.gain = state.gain, .merged = state.merged, .least = rule.floor});
}

}  // namespace

double LinkageRule::ReliefOf(double size, double mean_within) const {
  const double pairs = size * (size - 1) / 2;
  if (pairs < 1) return 0;
  const double counted = std::min(pairs, kMostPairs);
  return kCohesionShare * (genuine - mean_within) * counted / (counted + kUsualPairs);
}

double ExcessOf(const LinkageRule& rule, double asked, const ClusterSums& sums, int a, int b, double mean) {
  if (mean < rule.floor) return kNever;
  const double relief = std::max(rule.ReliefOf(sums.size(a), sums.MeanScoreWithin(a, 0)),
                                 rule.ReliefOf(sums.size(b), sums.MeanScoreWithin(b, 0)));
  return mean - std::max(rule.floor, asked - relief);
}

LinkageState LinkByOwnScores(const LinkageRule& rule, double asked, std::shared_ptr<ClusterSums> sums) {
  return {.gain = [=](int a, int b) { return ExcessOf(rule, asked, *sums, a, b, sums->MeanScore(a, b)); },
          .merged = [=](int kept, int gone) { sums->Merge(kept, gone); }};
}

Result<std::vector<int>> LinkInRounds(const Ground& ground, const MakeLinkageState& make) {
  const auto rule_for = [&](int persons) {
    return RuleFor(ground,
                   FalseMatchRate(ground.options().profile, persons + ground.options().persons_elsewhere));
  };
  std::vector<int> single(static_cast<size_t>(ground.count()));
  std::iota(single.begin(), single.end(), 0);
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<int> cluster_of,
                             Link(ground, rule_for(ground.count()), make, single));
  LinkageRule rule = rule_for(CountClusters(cluster_of));
  for (int round = 0; round < kMostRounds; ++round) {
    CROSSFACE_ASSIGN_OR_RETURN(cluster_of, Link(ground, rule, make, cluster_of));
    if (ground.options().persons_elsewhere > 0) break;  // a part does not show the spread of its case
    const ScoreSpread spread = SpreadWithin(ground, cluster_of);
    if (spread.persons < kFewestPersons) break;
    const double lowered = std::max(rule.floor, spread.mean - kMostDeviations * spread.deviation);
    if (lowered > rule.lowered - kLeastStep * (rule.threshold - rule.floor)) break;
    rule.lowered = lowered;
  }
  if (rule.lowered < rule.threshold) return Link(ground, rule, make, single);
  return cluster_of;
}

}  // namespace crossface
