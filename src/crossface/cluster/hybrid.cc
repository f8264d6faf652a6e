#include "crossface/cluster/hybrid.h"

#include <numeric>

#include "crossface/cluster/average_linkage.h"
#include "crossface/cluster/communities.h"
#include "crossface/cluster/graph_linkage.h"

namespace crossface {

namespace {

// From single nodes, within the communities.
Result<std::vector<int>> LinkWithin(const Ground& ground, const std::vector<int>& community_of,
                                    double floor) {
  std::vector<int> single(community_of.size());
  std::iota(single.begin(), single.end(), 0);
  ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule());
  return MergeOverGraph(ground, ground.graph(), single,
                        {.gain =
                             [&](int a, int b) {
                               return community_of[a] == community_of[b] ? sums.MeanScore(a, b) - floor
                                                                         : kNever;
                             },
                         .merged = [&](int kept, int gone) { sums.Merge(kept, gone); },
                         .least = floor});
}

}  // namespace

Result<std::vector<int>> PartitionByAgreement(const Ground& ground) {
  return PartitionInRounds(ground, [&](const LinkageRule& rule) -> Result<std::vector<int>> {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> flow, FlowCommunities(ground, rule.lowered));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> agreed, LinkWithin(ground, flow, rule.floor));
    return Link(ground, rule, rule.threshold, agreed);
  });
}

}  // namespace crossface
