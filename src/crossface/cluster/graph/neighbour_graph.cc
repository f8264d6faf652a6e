#include "crossface/cluster/graph/neighbour_graph.h"

#include <algorithm>
#include <numeric>

#include "crossface/cluster/graph/candidate_search.h"

namespace crossface {
namespace {

bool Better(const NeighbourGraph::Edge& x, const NeighbourGraph::Edge& y) {
  return std::tuple(-x.score, x.node) < std::tuple(-y.score, y.node);
}

}  // namespace

Result<NeighbourGraph> NeighbourGraph::Build(const ClusterProblem& nodes, const ScoreRule& rule,
                                             const NeighbourOptions& options) {
  std::vector<int> all(static_cast<size_t>(nodes.items));
  std::iota(all.begin(), all.end(), 0);
  return Search(nodes, all, all, rule, options);
}

Result<NeighbourGraph> NeighbourGraph::Search(const ClusterProblem& nodes, std::span<const int> queries,
                                              std::span<const int> targets, const ScoreRule& rule,
                                              const NeighbourOptions& options) {
  const ScaledVectors vectors(nodes, rule);
  const PairScores scores(nodes, rule);
  const auto most = static_cast<size_t>(options.neighbours);
  // Flat, so that a million nodes do not mean a million allocations; unused places stay behind `found`.
  std::vector<Edge> edges(queries.size() * most);
  std::vector<int> found(queries.size(), 0);
  const auto visit = [&](size_t position, std::span<const int> candidates) {
    std::vector<Edge> scored;
    scored.reserve(candidates.size());
    for (const int node : candidates) {
      const float score = scores.Pair(queries[position], node);
      if (score >= options.least) scored.push_back({node, score});
    }
    const size_t kept = std::min(most, scored.size());
    std::partial_sort(scored.begin(), scored.begin() + static_cast<ptrdiff_t>(kept), scored.end(), Better);
    std::copy_n(scored.begin(), kept, edges.begin() + static_cast<ptrdiff_t>(position * most));
    found[position] = static_cast<int>(kept);
  };
  CROSSFACE_RETURN_IF_ERROR(SearchCandidates(vectors, queries, targets,
                                             {.wanted = 2 * options.neighbours,
                                              .exact_up_to = options.exact_up_to,
                                              .probes = options.probes,
                                              .products = options.products,
                                              .progress = options.progress,
                                              .stop = options.stop},
                                             visit));
  NeighbourGraph graph;
  graph.first_.reserve(queries.size() + 1);
  size_t end = 0;
  for (size_t position = 0; position < queries.size(); ++position) {
    const auto from = edges.begin() + static_cast<ptrdiff_t>(position * most);
    std::move(from, from + found[position], edges.begin() + static_cast<ptrdiff_t>(end));
    end += static_cast<size_t>(found[position]);
    graph.first_.push_back(end);
  }
  edges.resize(end);
  graph.edges_ = std::move(edges);
  return graph;
}

NeighbourGraph NeighbourGraph::Of(std::vector<std::vector<Edge>> edges) {
  NeighbourGraph graph;
  for (auto& own : edges) {
    std::sort(own.begin(), own.end(), Better);
    graph.edges_.insert(graph.edges_.end(), own.begin(), own.end());
    graph.first_.push_back(graph.edges_.size());
  }
  return graph;
}

}  // namespace crossface
