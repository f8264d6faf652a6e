#include "crossface/cluster/methods/dbscan.h"

#include "crossface/cluster/graph/partition_evidence.h"
#include "crossface/cluster/graph/union_find.h"

namespace crossface {
namespace {

constexpr int kRadii = 19;  // rates 1e-2 to 1e-8

}  // namespace

std::vector<int> DensityClusters(const Ground& ground, double threshold) {
  const NeighbourGraph& graph = ground.graph();
  std::vector<char> core(static_cast<size_t>(ground.count()));
  for (int node = 0; node < ground.count(); ++node) {
    int within = 0;
    for (const auto& edge : graph.of(node)) within += edge.score >= threshold;
    core[node] = within >= kCoreNeighbours || ground.sizes()[node] > kCoreNeighbours;
  }
  UnionFind sets(ground.count());
  for (int node = 0; node < ground.count(); ++node) {
    for (const auto& edge : graph.of(node)) {
      if (edge.score < threshold) break;
      if (core[node] && core[edge.node]) sets.Join(node, edge.node);
    }
  }
  std::vector<int> cluster_of(static_cast<size_t>(ground.count()));
  for (int node = 0; node < ground.count(); ++node) {
    cluster_of[node] = sets.Find(node);
    if (core[node]) continue;
    for (const auto& edge : graph.of(node)) {
      if (edge.score < threshold) break;
      if (!core[edge.node]) continue;
      cluster_of[node] = sets.Find(edge.node);
      break;
    }
  }
  return cluster_of;
}

Result<std::vector<int>> PartitionByDensity(const Ground& ground) {
  const std::vector<double> thresholds = ThresholdLadder(ground.rule(), kRadii);
  return BestByEvidence(ground, kRadii, [&](int radius) -> Result<std::vector<int>> {
    return DensityClusters(ground, thresholds[static_cast<size_t>(radius)]);
  });
}

}  // namespace crossface
