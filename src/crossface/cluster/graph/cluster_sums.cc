#include "crossface/cluster/graph/cluster_sums.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

namespace crossface {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

double Product(const float* a, const float* b, int dimensions) {
  return Eigen::Map<const Eigen::VectorXf>(a, dimensions)
      .dot(Eigen::Map<const Eigen::VectorXf>(b, dimensions));
}

}  // namespace

ClusterSums::ClusterSums(const ClusterProblem& nodes, const std::vector<int>& sizes, const ScoreRule& rule)
    : nodes_(nodes),
      sizes_(sizes),
      rule_(rule),
      size_(sizes.begin(), sizes.end()),
      facts_(static_cast<size_t>(nodes.items)),
      only_(static_cast<size_t>(nodes.items)),
      sums_(static_cast<size_t>(nodes.items)) {
  for (int node = 0; node < nodes.items; ++node) {
    facts_[node].Add(nodes.FactsOf(node), sizes[node]);
    only_[node] = node;
  }
}

ClusterSums::ClusterSums(const ClusterProblem& nodes, const std::vector<int>& sizes, const ScoreRule& rule,
                         const std::vector<int>& cluster_of, int clusters)
    : nodes_(nodes),
      sizes_(sizes),
      rule_(rule),
      size_(static_cast<size_t>(clusters)),
      facts_(static_cast<size_t>(clusters)),
      only_(static_cast<size_t>(clusters), -1),
      sums_(static_cast<size_t>(clusters)) {
  for (int node = 0; node < nodes.items; ++node) {
    if (cluster_of[node] >= 0) AddNode(cluster_of[node], node);
  }
  for (const auto& models : sums_) {
    if (!models) continue;
    for (Sum& sum : *models)
      sum.square = Product(sum.vector.data(), sum.vector.data(), static_cast<int>(sum.vector.size()));
  }
}

void ClusterSums::AddNode(int cluster, int node) {
  const bool first = size_[cluster] == 0;
  size_[cluster] += sizes_[node];
  facts_[cluster].Add(nodes_.FactsOf(node), sizes_[node]);
  if (first) {
    only_[cluster] = node;
    return;
  }
  const auto add = [&](int added) {
    for (size_t m = 0; m < nodes_.templates.size(); ++m) {
      const TemplateMatrix& matrix = nodes_.templates[m];
      if (!matrix.present[added]) continue;
      Sum& sum = (*sums_[cluster])[m];
      if (sum.vector.empty()) sum.vector.assign(static_cast<size_t>(matrix.dimensions), 0.0f);
      Eigen::Map<Eigen::VectorXf>(sum.vector.data(), matrix.dimensions) +=
          static_cast<float>(sizes_[added]) *
          Eigen::Map<const Eigen::VectorXf>(matrix.row(added), matrix.dimensions);
      sum.items += sizes_[added];
    }
  };
  if (!sums_[cluster]) {
    sums_[cluster] = std::make_unique<std::vector<Sum>>(nodes_.templates.size());
    add(only_[cluster]);
    only_[cluster] = -1;
  }
  add(node);
}

ClusterSums::View ClusterSums::Of(int cluster, size_t model) const {
  const TemplateMatrix& matrix = nodes_.templates[model];
  if (const int node = only_[cluster]; node >= 0) {
    if (!matrix.present[node]) return {};
    const double size = sizes_[node];
    const double square =
        size < 2 ? 1 : size * size * Product(matrix.row(node), matrix.row(node), matrix.dimensions);
    return {matrix.row(node), size, size, square};
  }
  const Sum& sum = (*sums_[cluster])[model];
  return {sum.vector.data(), 1, sum.items, sum.square};
}

void ClusterSums::Merge(int kept, int gone) {
  auto sums = std::make_unique<std::vector<Sum>>(nodes_.templates.size());
  for (size_t m = 0; m < sums->size(); ++m) {
    const int dimensions = nodes_.templates[m].dimensions;
    Sum& sum = (*sums)[m];
    for (const int cluster : {kept, gone}) {
      const View view = Of(cluster, m);
      if (view.items == 0) continue;
      if (sum.vector.empty()) sum.vector.assign(static_cast<size_t>(dimensions), 0.0f);
      Eigen::Map<Eigen::VectorXf>(sum.vector.data(), dimensions) +=
          static_cast<float>(view.scale) * Eigen::Map<const Eigen::VectorXf>(view.vector, dimensions);
      sum.items += view.items;
    }
    sum.square = Product(sum.vector.data(), sum.vector.data(), static_cast<int>(sum.vector.size()));
  }
  sums_[kept] = std::move(sums);
  sums_[gone].reset();
  only_[kept] = only_[gone] = -1;
  size_[kept] += size_[gone];
  facts_[kept].quality += facts_[gone].quality;
  facts_[kept].cohort_mean += facts_[gone].cohort_mean;
  facts_[kept].cohort_spread += facts_[gone].cohort_spread;
  size_[gone] = 0;
  facts_[gone] = {};
}

void ClusterSums::Facts::Add(const TemplateFacts& facts, double items) {
  quality += facts.quality * items;
  cohort_mean += facts.cohort.mean * items;
  cohort_spread += facts.cohort.spread * items;
}

TemplateFacts ClusterSums::Facts::Mean(double items) const {
  return {static_cast<float>(quality / items),
          {static_cast<float>(cohort_mean / items), static_cast<float>(cohort_spread / items)}};
}

float ClusterSums::Score(std::vector<float>* cosines, const TemplateFacts& a, const TemplateFacts& b) const {
  for (float& cosine : *cosines) cosine = std::isnan(cosine) ? cosine : std::clamp(cosine, -1.0f, 1.0f);
  const float score = rule_.log_odds(*cosines, a, b);
  return std::isnan(score) ? 0 : score;
}

double ClusterSums::MeanScore(int a, int b) const {
  std::vector<float> cosines(nodes_.templates.size(), kMissing);
  for (size_t m = 0; m < cosines.size(); ++m) {
    const View x = Of(a, m), y = Of(b, m);
    if (x.items == 0 || y.items == 0) continue;
    cosines[m] = static_cast<float>(Product(x.vector, y.vector, nodes_.templates[m].dimensions) * x.scale *
                                    y.scale / (x.items * y.items));
  }
  return Score(&cosines, MeanFacts(a), MeanFacts(b));
}

double ClusterSums::MeanScoreOf(int node, int cluster, bool inside) const {
  const double own = inside ? sizes_[node] : 0;
  if (size_[cluster] <= own) return 0;
  std::vector<float> cosines(nodes_.templates.size(), kMissing);
  for (size_t m = 0; m < cosines.size(); ++m) {
    const TemplateMatrix& matrix = nodes_.templates[m];
    const View sum = Of(cluster, m);
    if (!matrix.present[node] || sum.items <= own) continue;
    double product = Product(matrix.row(node), sum.vector, matrix.dimensions) * sum.scale;
    if (inside) product -= own * Product(matrix.row(node), matrix.row(node), matrix.dimensions);
    cosines[m] = static_cast<float>(product / (sum.items - own));
  }
  Facts others = facts_[cluster];
  others.Add(nodes_.FactsOf(node), -own);
  return Score(&cosines, nodes_.FactsOf(node), others.Mean(size_[cluster] - own));
}

double ClusterSums::MeanScoreWithin(int cluster, double alone) const {
  const double size = size_[cluster];
  if (size < 2) return alone;
  std::vector<float> cosines(nodes_.templates.size(), kMissing);
  for (size_t m = 0; m < cosines.size(); ++m) {
    const View sum = Of(cluster, m);
    if (sum.items < 2) continue;
    cosines[m] = static_cast<float>((sum.square - sum.items) / (sum.items * (sum.items - 1)));
  }
  return Score(&cosines, MeanFacts(cluster), MeanFacts(cluster));
}

}  // namespace crossface
