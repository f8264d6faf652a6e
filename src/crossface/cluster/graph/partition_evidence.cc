#include "crossface/cluster/graph/partition_evidence.h"

#include <cmath>
#include <limits>

#include "crossface/cluster/graph/cluster_sums.h"
#include "crossface/cluster/graph/graph_linkage.h"

namespace crossface {

double PartitionEvidence(const Ground& ground, const std::vector<int>& cluster_of) {
  const int clusters = CountClusters(cluster_of);
  const ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule(), cluster_of, clusters);
  double evidence = 0;
  for (int cluster = 0; cluster < clusters; ++cluster) {
    const double size = sums.size(cluster);
    if (size < 2) continue;
    evidence += size * (size - 1) / 2 * (sums.MeanScoreWithin(cluster, 0) - ground.even_threshold());
  }
  return evidence;
}

Result<std::vector<int>> BestByEvidence(const Ground& ground, int candidates,
                                        const std::function<Result<std::vector<int>>(int)>& make) {
  std::vector<int> best;
  double most = -std::numeric_limits<double>::infinity();
  for (int candidate = 0; candidate < candidates; ++candidate) {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<int> cluster_of, make(candidate));
    cluster_of = NumberByFirst(cluster_of);
    const double evidence = PartitionEvidence(ground, cluster_of);
    if (evidence <= most) continue;
    most = evidence;
    best = std::move(cluster_of);
  }
  return best;
}

std::vector<double> ThresholdLadder(const ScoreRule& rule, int steps) {
  std::vector<double> thresholds;
  for (int step = 0; step < steps; ++step) {
    thresholds.push_back(rule.threshold_for(std::pow(10, -2 - step / 3.0)));
  }
  return thresholds;
}

}  // namespace crossface
