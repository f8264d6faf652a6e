#include "crossface/cluster/agglomerative.h"

#include "crossface/cluster/average_linkage.h"

namespace crossface {

Result<std::vector<int>> PartitionByLinkage(const Ground& ground) {
  return LinkInRounds(
      ground,
      [&](const LinkageRule& rule, const std::vector<int>& cluster_of, int clusters) -> Result<LinkageState> {
        return LinkByOwnScores(rule, rule.lowered,
                               std::make_shared<ClusterSums>(ground.nodes(), ground.sizes(), ground.rule(),
                                                             cluster_of, clusters));
      });
}

}  // namespace crossface
