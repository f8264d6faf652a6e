#include "crossface/cluster/hybrid.h"

#include <numeric>

#include "crossface/cluster/cluster_sums.h"
#include "crossface/cluster/false_match_rate.h"
#include "crossface/cluster/graph_linkage.h"
#include "crossface/cluster/smoothing.h"

namespace crossface {
namespace {

constexpr double kSmoothedRate = 1e-5;
// Times the false-match rate of the profile: 1e-5 strict, 1e-4 balanced, 1e-3 loose.
constexpr double kOwnShare = 1.5;
constexpr double kNever = -1;

}  // namespace

Result<std::vector<int>> PartitionByAgreement(const Ground& ground) {
  CROSSFACE_ASSIGN_OR_RETURN(const SmoothedNodes smoothed, Smooth(ground));
  const double smoothed_stop = ground.rule().threshold_for(kSmoothedRate);
  const double own_stop =
      ground.rule().threshold_for(kOwnShare * FalseMatchRate(ground.options().profile, 0));
  ClusterSums own_sums(ground.nodes(), ground.sizes(), ground.rule());
  ClusterSums smoothed_sums(smoothed.nodes, ground.sizes(), ground.rule());
  const GraphLinkage linkage{.gain =
                                 [&](int a, int b) {
                                   const double score = smoothed_sums.MeanScore(a, b);
                                   if (score < smoothed_stop) return kNever;
                                   if (own_sums.MeanScore(a, b) < own_stop) return kNever;
                                   return score - smoothed_stop;
                                 },
                             .merged =
                                 [&](int kept, int gone) {
                                   own_sums.Merge(kept, gone);
                                   smoothed_sums.Merge(kept, gone);
                                 }};
  std::vector<int> single(static_cast<size_t>(ground.count()));
  std::iota(single.begin(), single.end(), 0);
  return MergeOverGraph(ground, smoothed.graph, single, linkage);
}

}  // namespace crossface
