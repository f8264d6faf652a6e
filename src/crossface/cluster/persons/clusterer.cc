#include "crossface/cluster/persons/clusterer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "crossface/cluster/methods/agglomerative.h"
#include "crossface/cluster/methods/communities.h"
#include "crossface/cluster/methods/dbscan.h"
#include "crossface/cluster/methods/hybrid.h"
#include "crossface/cluster/methods/kmeans.h"
#include "crossface/cluster/methods/spectral.h"
#include "crossface/cluster/persons/graph_clusterer.h"

namespace crossface {

Result<std::unique_ptr<Clusterer>> CreateClusterer(const std::string& method, const ClusterOptions& options) {
  if (PartitionerOf(method)) return MakeGraphClusterer(method, options);
  return Status(StatusCode::kInvalidArgument,
                fmt::format("there is no clustering method \"{}\"; there are: {}", method,
                            fmt::join(ClusteringMethods(), ", ")));
}

std::vector<std::string> ClusteringMethods() {
  return {kAgglomerative, kCommunities, kDbscan, kHybrid, kKmeans, kSpectral};
}

}  // namespace crossface
