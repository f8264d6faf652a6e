#include "crossface/cluster/smoothing.h"

#include <Eigen/Core>
#include <algorithm>

#include "crossface/cluster/parallel.h"

namespace crossface {
namespace {

constexpr double kNoWeightRate = 1e-3, kFullWeightRate = 1e-4;
constexpr int kTaken = 5;  // neighbours that count
constexpr size_t kPiece = 1024;

class Smoothing {
 public:
  explicit Smoothing(const Ground& ground)
      : ground_(ground),
        low_(ground.rule().threshold_for(kNoWeightRate)),
        high_(ground.rule().threshold_for(kFullWeightRate)) {}

  // Means of the ground's own vectors by the neighbours of `graph`.
  Result<ClusterProblem> Means(const NeighbourGraph& graph) const {
    const ClusterProblem& nodes = ground_.nodes();
    ClusterProblem means{.items = nodes.items, .quality = nodes.quality, .may_form = nodes.may_form};
    for (const TemplateMatrix& matrix : nodes.templates) {
      means.templates.push_back(
          {.model = matrix.model,
           .dimensions = matrix.dimensions,
           .rows = std::vector<float>(matrix.present.size() * static_cast<size_t>(matrix.dimensions)),
           .present = matrix.present});
    }
    CROSSFACE_RETURN_IF_ERROR(
        ForEachPiece((static_cast<size_t>(nodes.items) + kPiece - 1) / kPiece, ground_.options().keep_going,
                     [&](size_t piece) {
                       const int end = std::min(nodes.items, static_cast<int>((piece + 1) * kPiece));
                       for (int node = static_cast<int>(piece * kPiece); node < end; ++node)
                         FillMean(graph, node, &means);
                     }));
    return means;
  }

  // The edges of the ground's graph with the scores of other vectors.
  Result<NeighbourGraph> Rescored(const ClusterProblem& nodes) const {
    const PairScores scores(nodes, ground_.rule());
    std::vector<std::vector<NeighbourGraph::Edge>> edges(static_cast<size_t>(nodes.items));
    CROSSFACE_RETURN_IF_ERROR(
        ForEachPiece((edges.size() + kPiece - 1) / kPiece, ground_.options().keep_going, [&](size_t piece) {
          const size_t end = std::min(edges.size(), (piece + 1) * kPiece);
          for (size_t node = piece * kPiece; node < end; ++node) {
            for (const auto& edge : ground_.graph().of(static_cast<int>(node))) {
              edges[node].push_back({edge.node, scores.Pair(static_cast<int>(node), edge.node)});
            }
          }
        }));
    return NeighbourGraph::Of(std::move(edges));
  }

 private:
  void FillMean(const NeighbourGraph& graph, int node, ClusterProblem* means) const {
    std::vector<std::pair<int, float>> parts = {{node, 1.0f}};
    for (const auto& edge : graph.of(node)) {
      if (edge.score <= low_ || static_cast<int>(parts.size()) > kTaken) break;
      if (!ground_.MayJoin(node, edge.node)) continue;
      parts.emplace_back(edge.node, std::min(1.0f, (edge.score - low_) / (high_ - low_)));
    }
    for (size_t m = 0; m < means->templates.size(); ++m) {
      const TemplateMatrix& own = ground_.nodes().templates[m];
      if (!own.present[node]) continue;
      TemplateMatrix& matrix = means->templates[m];
      Eigen::Map<Eigen::VectorXf> mean(
          matrix.rows.data() + static_cast<size_t>(node) * static_cast<size_t>(matrix.dimensions),
          matrix.dimensions);
      for (const auto& [part, weight] : parts) {
        if (own.present[part])
          mean += weight * Eigen::Map<const Eigen::VectorXf>(own.row(part), own.dimensions);
      }
      mean.normalize();
    }
  }

  const Ground& ground_;
  const float low_, high_;
};

}  // namespace

Result<ClusterProblem> Smooth(const Ground& ground) {
  const Smoothing smoothing(ground);
  CROSSFACE_ASSIGN_OR_RETURN(ClusterProblem means, smoothing.Means(ground.graph()));
  CROSSFACE_ASSIGN_OR_RETURN(const NeighbourGraph graph, smoothing.Rescored(means));
  means = ClusterProblem();  // a big case has no room for two of them
  return smoothing.Means(graph);
}

}  // namespace crossface
