#include "crossface/cluster/graph/ground.h"

#include <Eigen/Core>
#include <algorithm>

#include "crossface/cluster/graph/case_threshold.h"

namespace crossface {
namespace {

// Enough for the persons of most cases; larger ones hang together by chains of neighbours.
constexpr int kNeighbours = 32;
// Scores below the threshold of this rate tell no method anything: the graph goes without them.
constexpr double kTellingRate = 1e-2;

TemplateFacts MeanFacts(const ClusterProblem& problem, const std::vector<int>& items) {
  double quality = 0, mean = 0, spread = 0;
  for (const int item : items) {
    const TemplateFacts facts = problem.FactsOf(item);
    quality += facts.quality;
    mean += facts.cohort.mean;
    spread += facts.cohort.spread;
  }
  const auto count = static_cast<double>(items.size());
  return {static_cast<float>(quality / count),
          {static_cast<float>(mean / count), static_cast<float>(spread / count)}};
}

}  // namespace

ClusterProblem MeansOf(const ClusterProblem& problem, const std::vector<std::vector<int>>& founders) {
  ClusterProblem nodes;
  nodes.items = static_cast<int>(founders.size());
  nodes.may_form.assign(founders.size(), 1);
  for (const auto& items : founders) {
    const TemplateFacts mean = MeanFacts(problem, items);
    nodes.quality.push_back(mean.quality);
    nodes.cohort.push_back(mean.cohort);
  }
  for (const TemplateMatrix& matrix : problem.templates) {
    TemplateMatrix means{.model = matrix.model, .dimensions = matrix.dimensions};
    means.present.assign(founders.size(), 0);
    means.rows.assign(founders.size() * static_cast<size_t>(matrix.dimensions), 0.0f);
    for (size_t node = 0; node < founders.size(); ++node) {
      Eigen::Map<Eigen::VectorXf> mean(means.rows.data() + node * static_cast<size_t>(matrix.dimensions),
                                       matrix.dimensions);
      int with = 0;
      for (const int item : founders[node]) {
        if (!matrix.present[item]) continue;
        mean += Eigen::Map<const Eigen::VectorXf>(matrix.row(item), matrix.dimensions);
        ++with;
      }
      if (with > 0) mean /= static_cast<float>(with);
      means.present[node] = with > 0;
    }
    nodes.templates.push_back(std::move(means));
  }
  return nodes;
}

bool HasTemplate(const ClusterProblem& problem, int item) {
  return std::any_of(problem.templates.begin(), problem.templates.end(),
                     [item](const TemplateMatrix& matrix) { return matrix.present[item] != 0; });
}

Result<Ground> Ground::Make(const ClusterProblem& problem, const ScoreRule& rule,
                            const ClusterOptions& options, const ConstraintGroups& groups) {
  Ground ground;
  ground.problem_ = &problem;
  ground.rule_ = &rule;
  ground.options_ = &options;
  std::vector<int> node_of_group(static_cast<size_t>(groups.count()), -1);
  for (int group = 0; group < groups.count(); ++group) {
    std::vector<int> founders;
    for (const int item : groups.members(group)) {
      if (problem.may_form[item] && HasTemplate(problem, item)) founders.push_back(item);
    }
    if (founders.empty()) continue;
    node_of_group[group] = ground.count();
    ground.sizes_.push_back(static_cast<int>(founders.size()));
    ground.group_of_.push_back(group);
    ground.founders_.push_back(std::move(founders));
  }
  ground.apart_.resize(ground.founders_.size());
  for (int node = 0; node < ground.count(); ++node) {
    ground.sides_.push_back(groups.sides(ground.group_of_[node]));
    for (const int other : groups.apart(ground.group_of_[node])) {
      if (node_of_group[other] >= 0) ground.apart_[node].push_back(node_of_group[other]);
    }
  }
  if (ground.count() == 0) return ground;
  // As many nodes as items: every item is one, in order, and nothing need be copied.
  if (ground.count() != problem.items) {
    ground.own_nodes_ = std::make_shared<ClusterProblem>(MeansOf(problem, ground.founders_));
  }
  CROSSFACE_ASSIGN_OR_RETURN(ground.graph_,
                             NeighbourGraph::Build(ground.nodes(), rule, ground.OptionsOfSearch()));
  CROSSFACE_ASSIGN_OR_RETURN(ground.even_threshold_, CaseThreshold(ground.nodes(), rule, options.stop));
  return ground;
}

NeighbourOptions Ground::OptionsOfSearch() const {
  return {.neighbours = count() <= kAllPairsUpTo ? std::max(1, count() - 1) : kNeighbours,
          .exact_up_to = options_->exact_neighbours_up_to,
          .least = rule_->threshold_for(kTellingRate),
          .products = options_->products.get(),
          .progress = options_->progress,
          .stop = options_->stop};
}

bool Ground::MayJoin(int node_a, int node_b) const {
  return !std::binary_search(apart_[node_a].begin(), apart_[node_a].end(), node_b) &&
         !AreParted(sides_[node_a], sides_[node_b]);
}

}  // namespace crossface
