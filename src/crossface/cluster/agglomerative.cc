#include "crossface/cluster/agglomerative.h"

#include <numeric>

#include "crossface/cluster/average_linkage.h"

namespace crossface {

Result<std::vector<int>> PartitionByLinkage(const Ground& ground) {
  std::vector<int> single(static_cast<size_t>(ground.count()));
  std::iota(single.begin(), single.end(), 0);
  return PartitionInRounds(ground,
                           [&](const LinkageRule& rule) { return Link(ground, rule, rule.lowered, single); });
}

}  // namespace crossface
