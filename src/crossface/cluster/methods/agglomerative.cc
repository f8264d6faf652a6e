#include "crossface/cluster/methods/agglomerative.h"

#include "crossface/cluster/methods/average_linkage.h"

namespace crossface {

Result<std::vector<int>> PartitionByLinkage(const Ground& ground) {
  return PartitionInRounds(ground, [&](const LinkageRule& rule, const std::vector<int>& before) {
    return Link(ground, rule, rule.lowered, before);
  });
}

}  // namespace crossface
