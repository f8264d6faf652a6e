// Finds, for many nodes at once, the nodes with the largest inner products: the search behind NeighbourGraph,
// see there. All products up to a number of nodes, an inverted file (IVF) beyond.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <vector>

#include "crossface/cluster/graph/pair_scores.h"
#include "crossface/cluster/graph/spherical_kmeans.h"

namespace crossface {

class ProductSearch;

// The models' vectors of a node, scaled by the root of the model's weight, laid end to end. Immutable,
// thread-safe.
class ScaledVectors {
 public:
  ScaledVectors(const ClusterProblem& nodes, const ScoreRule& rule);
  int dimensions() const { return dimensions_; }
  RowMatrix Rows(std::span<const int> nodes) const;
  // Numbers the sets of models that nodes have, from 0 in the order of the first node. Products compare only
  // among nodes of one set.
  int pattern_of(int node) const { return pattern_of_[node]; }
  int patterns() const { return patterns_; }

 private:
  const ClusterProblem& nodes_;
  std::vector<float> roots_;  // per model
  std::vector<int> pattern_of_;
  int dimensions_ = 0, patterns_ = 0;
};

struct CandidateOptions {
  int wanted = 64;                    // per pattern of targets
  int exact_up_to = 100000;           // targets of one pattern
  int probes = 8;                     // lists that are looked at beyond
  ProductSearch* products = nullptr;  // null: the processor
  // Vectors that are compared with so many others at once. Results depend on it in the last digits of
  // products.
  size_t block = 8192;
  std::function<void(double share)> progress;  // of the queries, before the last
  std::stop_token stop;
};

// Calls `visit(query's position, candidates)` once per query, from several threads; a query is not its own
// candidate. What is found does not depend on the number of threads. Errors: kInterrupted, kOutOfResources;
// those of `products`.
Status SearchCandidates(const ScaledVectors& vectors, std::span<const int> queries,
                        std::span<const int> targets, const CandidateOptions& options,
                        const std::function<void(size_t position, std::span<const int> candidates)>& visit);

}  // namespace crossface
