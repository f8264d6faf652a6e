// The nearest neighbours of every node in the ensemble's score: what all methods see of a case.
//
// Candidates are found by inner products: the models' vectors, each scaled by the root of its weight in the
// score and laid end to end, order pairs as the score does (pair_scores.h, ModelWeights). Twice as many
// candidates as neighbours are kept and scored exactly, so that the quality of the pictures may reorder them.
// Nodes that lack different models are searched apart, for their products do not compare.
//
// Up to `exact_up_to` nodes the products are those of all pairs. Beyond that, nodes are dealt to lists around
// centres (an inverted file, Sivic & Zisserman 2003), and a node is compared with the `probes` lists whose
// centres are closest to it.
//
// Immutable; deterministic whatever the number of threads.
#pragma once

#include <functional>
#include <limits>
#include <span>
#include <stop_token>
#include <vector>

#include "crossface/cluster/graph/pair_scores.h"

namespace crossface {

class ProductSearch;

struct NeighbourOptions {
  int neighbours = 32;
  int exact_up_to = 100000;
  int probes = 8;
  float least = -std::numeric_limits<float>::infinity();  // edges of a lower score are left out
  ProductSearch* products = nullptr;                      // null: the processor
  std::function<void(double share)> progress;             // of the queries, 0..1
  std::stop_token stop;
};

class NeighbourGraph {
 public:
  struct Edge {
    int node = 0;
    float score = 0;
  };

  // `nodes` need not be of unit length (means of several items). Errors:
  // kInterrupted.
  static Result<NeighbourGraph> Build(const ClusterProblem& nodes, const ScoreRule& rule,
                                      const NeighbourOptions& options);
  // The nodes of `targets` nearest to each of `queries` (numbers of nodes; rising). Node i of the graph is
  // queries[i], its edges lead to numbers of nodes. A node is not its own neighbour.
  static Result<NeighbourGraph> Search(const ClusterProblem& nodes, std::span<const int> queries,
                                       std::span<const int> targets, const ScoreRule& rule,
                                       const NeighbourOptions& options);
  // From edges that are known already, per node; each node's are put in order.
  static NeighbourGraph Of(std::vector<std::vector<Edge>> edges);

  int nodes() const { return static_cast<int>(first_.size()) - 1; }
  // Falling scores, ties by number.
  std::span<const Edge> of(int node) const {
    return std::span(edges_).subspan(first_[node], first_[node + 1] - first_[node]);
  }
  size_t edges() const { return edges_.size(); }

 private:
  std::vector<size_t> first_ = {0};
  std::vector<Edge> edges_;
};

}  // namespace crossface
