#include "crossface/cluster/persons/graph_clusterer.h"

#include "crossface/cluster/methods/agglomerative.h"
#include "crossface/cluster/methods/communities.h"
#include "crossface/cluster/methods/dbscan.h"
#include "crossface/cluster/methods/hybrid.h"
#include "crossface/cluster/methods/kmeans.h"
#include "crossface/cluster/methods/spectral.h"
#include "crossface/cluster/persons/incremental.h"

namespace crossface {
namespace {

class GraphClusterer : public Clusterer {
 public:
  GraphClusterer(std::string method, Partitioner partitioner, const ClusterOptions& options)
      : method_(std::move(method)), partitioner_(std::move(partitioner)), options_(options) {}
  std::string name() const override { return method_; }

  Result<ClusterAnswer> Cluster(const ClusterProblem& problem, const PairScorer& scorer) const override {
    CROSSFACE_RETURN_IF_ERROR(CheckModels(problem, scorer));
    return FindPersons(problem, RuleOf(scorer), options_, partitioner_);
  }

  Result<ClusterAnswer> ClusterAdded(const ClusterProblem& problem, const PairScorer& scorer,
                                     const std::vector<int>& before,
                                     const std::set<int>& changed) const override {
    CROSSFACE_RETURN_IF_ERROR(CheckModels(problem, scorer));
    return ClusterIncrementally(problem, RuleOf(scorer), options_, partitioner_, before, changed);
  }

 private:
  std::string method_;
  Partitioner partitioner_;
  ClusterOptions options_;
};

}  // namespace

std::optional<Partitioner> PartitionerOf(const std::string& method) {
  if (method == kAgglomerative) return PartitionByLinkage;
  if (method == kDbscan) return PartitionByDensity;
  if (method == kKmeans) return PartitionByKmeans;
  if (method == kSpectral) return PartitionBySpectrum;
  if (method == kCommunities) return PartitionByCommunities;
  if (method == kHybrid) return PartitionByAgreement;
  return std::nullopt;
}

std::unique_ptr<Clusterer> MakeGraphClusterer(const std::string& method, const ClusterOptions& options) {
  return std::make_unique<GraphClusterer>(method, *PartitionerOf(method), options);
}

}  // namespace crossface
