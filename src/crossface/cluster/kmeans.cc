#include "crossface/cluster/kmeans.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "crossface/cluster/candidate_search.h"
#include "crossface/cluster/graph_linkage.h"
#include "crossface/cluster/partition_evidence.h"
#include "crossface/cluster/spherical_kmeans.h"

namespace crossface {
namespace {

constexpr double kStep = 1.1;
constexpr int kRounds = 25;
// The ladder ends when the evidence has not risen for so many steps.
constexpr int kPatience = 6;

}  // namespace

Result<std::vector<int>> PartitionByKmeans(const Ground& ground) {
  if (ground.count() > kMostNodesForKmeans) {
    return Status(StatusCode::kOutOfResources,
                  fmt::format("k-means compares every track with every person; for {} tracks (more than {}) "
                              "that takes too long: use communities or hybrid",
                              ground.count(), kMostNodesForKmeans));
  }
  const ScaledVectors vectors(ground.nodes(), ground.rule());
  std::vector<int> all(static_cast<size_t>(ground.count()));
  std::iota(all.begin(), all.end(), 0);
  RowMatrix rows = vectors.Rows(all);
  rows.rowwise().normalize();

  std::vector<int> best(all);
  double most = PartitionEvidence(ground, best);
  int since = 0;
  // From many to few: a node of its own is never wrong.
  for (double wanted = ground.count(); wanted >= 1 && since < kPatience; wanted /= kStep) {
    const int centres = static_cast<int>(wanted);
    CROSSFACE_ASSIGN_OR_RETURN(const DirectionClusters clusters,
                               ClusterDirections(rows, centres, kRounds, ground.options().keep_going));
    const std::vector<int> cluster_of = NumberByFirst(clusters.centre_of);
    const double evidence = PartitionEvidence(ground, cluster_of);
    ++since;
    if (evidence <= most) continue;
    most = evidence;
    best = cluster_of;
    since = 0;
  }
  return best;
}

}  // namespace crossface
