#include "crossface/cluster/agglomerative.h"

#include "crossface/cluster/average_linkage.h"

namespace crossface {

Result<std::vector<int>> PartitionByLinkage(const Ground& ground) {
  return LinkInRounds(
      ground,
      [&](const LinkageRule& rule, const std::vector<int>& cluster_of, int clusters) -> Result<LinkageState> {
        const auto sums = std::make_shared<ClusterSums>(ground.nodes(), ground.sizes(), ground.rule(),
                                                        cluster_of, clusters);
        return LinkageState{.gain = [=](int a, int b) { return ExcessOf(rule, rule.lowered, *sums, a, b); },
                            .merged = [=](int kept, int gone) { sums->Merge(kept, gone); }};
      });
}

}  // namespace crossface
