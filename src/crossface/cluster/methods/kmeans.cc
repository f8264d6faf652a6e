#include "crossface/cluster/methods/kmeans.h"

#include <fmt/format.h>

#include <numeric>

#include "crossface/cluster/graph/candidate_search.h"
#include "crossface/cluster/graph/cluster_sums.h"
#include "crossface/cluster/graph/graph_linkage.h"
#include "crossface/cluster/graph/partition_evidence.h"
#include "crossface/cluster/graph/spherical_kmeans.h"

namespace crossface {
namespace {

constexpr double kStep = 1.1;
constexpr int kRounds = 25;
// The ladder ends when the evidence has not risen for so many steps.
constexpr int kPatience = 6;

// Clusters that are one person on the whole, merged: k-means divides those who have many tracks.
Result<std::vector<int>> MergeAlike(const Ground& ground, const std::vector<int>& cluster_of) {
  ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule(), cluster_of, CountClusters(cluster_of));
  const GraphLinkage linkage{
      .gain = [&](int a, int b) { return sums.MeanScore(a, b) - ground.even_threshold(); },
      .merged = [&](int kept, int gone) { sums.Merge(kept, gone); }};
  return MergeOverGraph(ground, ground.graph(), cluster_of, linkage);
}

RowMatrix MeanDirections(const RowMatrix& rows, const std::vector<int>& cluster_of) {
  RowMatrix means = RowMatrix::Zero(CountClusters(cluster_of), rows.cols());
  for (size_t i = 0; i < cluster_of.size(); ++i) means.row(cluster_of[i]) += rows.row(static_cast<int>(i));
  means.rowwise().normalize();
  return means;
}

}  // namespace

Result<std::vector<int>> PartitionByKmeans(const Ground& ground) {
  if (ground.count() > kMostNodesForKmeans) {
    return Status(StatusCode::kOutOfResources,
                  fmt::format("k-means compares every track with every person; for {} tracks (more than {}) "
                              "that takes too long: use communities or hybrid",
                              ground.count(), kMostNodesForKmeans));
  }
  const auto& stop = ground.options().stop;
  const ScaledVectors vectors(ground.nodes(), ground.rule());
  std::vector<int> all(static_cast<size_t>(ground.count()));
  std::iota(all.begin(), all.end(), 0);
  RowMatrix rows = vectors.Rows(all);
  rows.rowwise().normalize();
  const RowMatrix seeds = SpreadRows(rows, ground.count());  // the first of them are those for fewer centres

  std::vector<int> best(all);
  double most = PartitionEvidence(ground, best);
  int since = 0;
  // From many to few: a node of its own is never wrong.
  for (auto wanted = static_cast<double>(seeds.rows()); wanted >= 1 && since < kPatience; wanted /= kStep) {
    RowMatrix centres = seeds.topRows(static_cast<Eigen::Index>(wanted));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<int> cluster_of, ClusterDirections(rows, kRounds, &centres, stop));
    CROSSFACE_ASSIGN_OR_RETURN(cluster_of, MergeAlike(ground, NumberByFirst(cluster_of)));
    centres = MeanDirections(rows, cluster_of);
    CROSSFACE_ASSIGN_OR_RETURN(cluster_of, ClusterDirections(rows, kRounds, &centres, stop));
    cluster_of = NumberByFirst(cluster_of);
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
