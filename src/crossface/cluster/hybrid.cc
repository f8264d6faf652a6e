#include "crossface/cluster/hybrid.h"

#include <algorithm>
#include <numeric>

#include "crossface/cluster/average_linkage.h"
#include "crossface/cluster/communities.h"
#include "crossface/cluster/false_match_rate.h"
#include "crossface/cluster/graph_linkage.h"

namespace crossface {
namespace {

// Average linkage from single nodes within the communities, down to the floor, for lone nodes to `of_lone`;
// then everywhere, down to the threshold.
Result<std::vector<int>> LinkBoth(const Ground& ground, const std::vector<int>& community_of,
                                  const LinkageRule& rule, double of_lone) {
  std::vector<int> single(community_of.size());
  std::iota(single.begin(), single.end(), 0);
  ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule());
  const auto gain = [&](int a, int b) {
    if (community_of[a] != community_of[b]) return kNever;
    const double mean = sums.MeanScore(a, b);
    if (mean < rule.floor) return kNever;
    const bool lone = std::min(sums.size(a), sums.size(b)) < 2;
    return mean - (lone ? of_lone : rule.floor);
  };
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> agreed,
                             MergeOverGraph(ground, ground.graph(), single,
                                            {.gain = gain,
                                             .merged = [&](int kept, int gone) { sums.Merge(kept, gone); },
                                             .least = rule.floor}));
  return Link(ground, rule, rule.threshold, agreed);
}

}  // namespace

Result<std::vector<int>> PartitionByAgreement(const Ground& ground) {
  return PartitionInRounds(ground, [&](const LinkageRule& rule) -> Result<std::vector<int>> {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> flow, FlowCommunities(ground, rule.lowered));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> sure, LinkBoth(ground, flow, rule, rule.lowered));
    const int lone = CountLone(sure) + ground.options().persons_elsewhere;
    const double of_lone = ground.rule().threshold_for(LoneMatchRate(ground.options().profile, lone));
    if (of_lone >= rule.lowered) return sure;
    return LinkBoth(ground, flow, rule, std::max(rule.floor, of_lone));
  });
}

}  // namespace crossface
