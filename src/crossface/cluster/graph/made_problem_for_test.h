// Small clustering problems for tests: synthetic people on the unit sphere, and a rule to score them by. Only
// tests include this.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include "crossface/cluster/graph/cluster_problem.h"
#include "crossface/cluster/graph/pair_scores.h"

namespace crossface::testing {

// One model; score = 40 cos - 20; the threshold of a rate is -2 log10(rate), so that a pair of cosine .8
// passes 1e-6. For people of the builder below, in 64 dimensions, a cosine of .8 between two of them is 6
// standard deviations out. Genuine pairs are as alike as items at cosine .93 to their person.
inline ScoreRule LinearRule() {
  return {.log_odds = [](std::span<const float> cosines, const TemplateFacts&,
                         const TemplateFacts&) { return 40 * cosines[0] - 20; },
          .threshold_for = [](double rate) { return static_cast<float>(-2 * std::log10(rate)); },
          .genuine = 14.6f};
}

class ProblemBuilder {
 public:
  explicit ProblemBuilder(uint32_t seed) : random_(seed) {
    problem_.templates.push_back(
        {.model = "synthetic", .dimensions = kDimensions, .rows = {}, .present = {}});
  }

  // A new person's direction, unit length.
  std::vector<float> Person() { return Normalised(Noise()); }

  // An item at the given cosine to a direction; returns its number.
  int Add(const std::vector<float>& person, double cosine, bool may_form = true, float quality = 0.8f) {
    std::vector<float> noise = Noise();
    double along = 0;
    for (int d = 0; d < kDimensions; ++d) along += noise[d] * person[d];
    for (int d = 0; d < kDimensions; ++d) noise[d] -= static_cast<float>(along) * person[d];
    noise = Normalised(noise);
    for (int d = 0; d < kDimensions; ++d) {
      noise[d] = static_cast<float>(cosine * person[d] + std::sqrt(1 - cosine * cosine) * noise[d]);
    }
    return AddVector(Normalised(noise), may_form, quality);
  }

  int AddVector(const std::vector<float>& unit, bool may_form, float quality, bool present = true) {
    TemplateMatrix& matrix = problem_.templates[0];
    matrix.rows.insert(matrix.rows.end(), unit.begin(), unit.end());
    matrix.present.push_back(present);
    problem_.quality.push_back(quality);
    problem_.may_form.push_back(may_form);
    return problem_.items++;
  }

  int AddWithoutTemplate() { return AddVector(std::vector<float>(kDimensions), true, 0.5f, false); }

  ClusterProblem& problem() { return problem_; }

  static constexpr int kDimensions = 64;

 private:
  std::vector<float> Noise() {
    std::normal_distribution<float> normal;
    std::vector<float> noise(kDimensions);
    for (float& value : noise) value = normal(random_);
    return noise;
  }
  static std::vector<float> Normalised(std::vector<float> vector) {
    double squares = 0;
    for (const float value : vector) squares += static_cast<double>(value) * value;
    for (float& value : vector) value = static_cast<float>(value / std::sqrt(squares));
    return vector;
  }

  std::mt19937 random_;
  ClusterProblem problem_;
};

// A problem whose pairs score so by LinearRule: scores[i][j] for j < i. The vectors are rows of the Cholesky
// factor of the matrix of cosines.
inline ClusterProblem WithScores(const std::vector<std::vector<float>>& scores) {
  const size_t items = scores.size();
  ProblemBuilder builder(1);
  std::vector<std::vector<float>> rows(items, std::vector<float>(ProblemBuilder::kDimensions));
  for (size_t i = 0; i < items; ++i) {
    float left = 1;
    for (size_t j = 0; j < i; ++j) {
      float sum = (scores[i][j] + 20) / 40;
      for (size_t d = 0; d < j; ++d) sum -= rows[i][d] * rows[j][d];
      rows[i][j] = sum / rows[j][j];
      left -= rows[i][j] * rows[i][j];
    }
    rows[i][i] = std::sqrt(left);
    builder.AddVector(rows[i], true, 0.9f);
  }
  return builder.problem();
}

}  // namespace crossface::testing
