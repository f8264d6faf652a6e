#include "crossface/cluster/graph/pair_scores.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <limits>

namespace crossface {
namespace {

using RowMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

RowMatrix Gather(const TemplateMatrix& matrix, std::span<const int> items) {
  RowMatrix rows(items.size(), matrix.dimensions);
  for (size_t i = 0; i < items.size(); ++i) {
    rows.row(i) = Eigen::Map<const Eigen::RowVectorXf>(matrix.row(items[i]), matrix.dimensions);
  }
  return rows;
}

}  // namespace

ScoreRule RuleOf(const PairScorer& scorer) {
  return {.log_odds = [&scorer](std::span<const float> cosines, const TemplateFacts& a,
                                const TemplateFacts& b) { return scorer.LogOdds(cosines, a, b); },
          .threshold_for = [&scorer](double rate) { return scorer.ThresholdFor(rate); },
          .genuine = scorer.GenuineLogOdds(1),
          .pooled =
              [&scorer](std::span<const float> cosines) {
                return static_cast<float>(scorer.Pool(cosines).score);
              }};
}

std::vector<float> ModelWeights(const ScoreRule& rule, size_t models) {
  std::vector<float> weights(models), cosines(models, 0.0f);
  const float unrelated = rule.log_odds(cosines, 1, 1);
  for (size_t m = 0; m < models; ++m) {
    cosines[m] = 1;
    weights[m] = std::max(0.0f, rule.log_odds(cosines, 1, 1) - unrelated);
    cosines[m] = 0;
  }
  return weights;
}

float PairScores::Pair(int a, int b) const {
  if (a > b) std::swap(a, b);
  std::vector<float> cosines(problem_.templates.size(), std::numeric_limits<float>::quiet_NaN());
  for (size_t m = 0; m < cosines.size(); ++m) {
    const TemplateMatrix& matrix = problem_.templates[m];
    if (!matrix.present[a] || !matrix.present[b]) continue;
    const Eigen::Map<const Eigen::VectorXf> x(matrix.row(a), matrix.dimensions),
        y(matrix.row(b), matrix.dimensions);
    cosines[m] = std::clamp(x.dot(y), -1.0f, 1.0f);
  }
  const float score = rule_.log_odds(cosines, problem_.FactsOf(a), problem_.FactsOf(b));
  return std::isnan(score) ? 0 : score;
}

std::vector<float> PairScores::Block(std::span<const int> a, std::span<const int> b) const {
  const size_t models = problem_.templates.size();
  std::vector<RowMatrix> cosines(models);
  for (size_t m = 0; m < models; ++m) {
    cosines[m].noalias() = Gather(problem_.templates[m], a) * Gather(problem_.templates[m], b).transpose();
  }
  std::vector<float> scores(a.size() * b.size());
  std::vector<float> pair(models);
  for (size_t i = 0; i < a.size(); ++i) {
    for (size_t j = 0; j < b.size(); ++j) {
      for (size_t m = 0; m < models; ++m) {
        const auto& present = problem_.templates[m].present;
        const bool both = present[a[i]] && present[b[j]];
        pair[m] = both ? std::clamp(cosines[m](i, j), -1.0f, 1.0f) : std::numeric_limits<float>::quiet_NaN();
      }
      const float score = rule_.log_odds(pair, problem_.FactsOf(a[i]), problem_.FactsOf(b[j]));
      scores[i * b.size() + j] = std::isnan(score) ? 0 : score;
    }
  }
  return scores;
}

}  // namespace crossface
