#include "crossface/cluster/methods/hybrid.h"

#include <algorithm>

#include "crossface/cluster/graph/false_match_rate.h"
#include "crossface/cluster/graph/graph_linkage.h"
#include "crossface/cluster/methods/average_linkage.h"
#include "crossface/cluster/methods/communities.h"

namespace crossface {
namespace {

// Average linkage within the communities from clusters that lie in one each: down to the floor, for lone
// nodes to `of_lone`.
Result<std::vector<int>> LinkWithin(const Ground& ground, const std::vector<int>& community_of,
                                    const std::vector<int>& start, const LinkageRule& rule, double of_lone) {
  ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule(), start, CountClusters(start));
  std::vector<int> community(static_cast<size_t>(CountClusters(start)));
  for (size_t node = 0; node < start.size(); ++node) community[start[node]] = community_of[node];
  const auto gain = [&](int a, int b) {
    if (community[a] != community[b]) return kNever;
    const double mean = sums.MeanScore(a, b);
    if (mean < rule.floor) return kNever;
    if (std::max(sums.size(a), sums.size(b)) < 2) return mean - std::max(of_lone, rule.lone_pair);
    const bool lone = std::min(sums.size(a), sums.size(b)) < 2;
    return mean - (lone ? of_lone : rule.floor);
  };
  return MergeOverGraph(
      ground, ground.graph(), start,
      {.gain = gain, .merged = [&](int kept, int gone) { sums.Merge(kept, gone); }, .least = rule.floor});
}

}  // namespace

Result<std::vector<int>> PartitionByAgreement(const Ground& ground) {
  const auto partition = [&](const LinkageRule& rule,
                             const std::vector<int>& before) -> Result<std::vector<int>> {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> flow, FlowCommunities(ground, rule.lowered));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<int> agreed,
                               LinkWithin(ground, flow, Overlap(before, flow), rule, rule.lowered));
    const int lone = CountLone(agreed) + ground.options().persons_elsewhere;
    const double of_lone = ground.rule().threshold_for(LoneMatchRate(ground.options().profile, lone));
    if (of_lone < rule.lowered) {
      CROSSFACE_ASSIGN_OR_RETURN(agreed,
                                 LinkWithin(ground, flow, agreed, rule, std::max(rule.floor, of_lone)));
    }
    return Link(ground, rule, rule.threshold, agreed);
  };
  return PartitionInRounds(ground, partition);
}

}  // namespace crossface
