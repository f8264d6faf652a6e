// The scores of pairs of items of a problem, computed block by block, and what joins items at a given score.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "crossface/cluster/graph/cluster_problem.h"

namespace crossface {

// How a pair is judged. Clustering knows no more of the ensemble than this. Both functions must be pure.
struct ScoreRule {
  // PairScorer::LogOdds: one cosine per model of the problem (NaN where missing) and what is known of both.
  std::function<float(std::span<const float> cosines, const TemplateFacts& a, const TemplateFacts& b)>
      log_odds;
  // PairScorer::ThresholdFor: falls as the rate rises.
  std::function<float(double false_match_rate)> threshold_for;
  // What pairs of one person score on average, in good pictures.
  float genuine = 0;
  // PairScorer::Pool: what the cosines say before anything is known of the two. Without it there are no
  // cohorts.
  std::function<float(std::span<const float> cosines)> pooled = {};
};

// The scorer must outlive the rule.
ScoreRule RuleOf(const PairScorer& scorer);

// Per model, how much the log-odds of two good pictures grow with its cosine (0: it does not vote). The rule
// is linear in the cosines for pairs that have the same models and qualities, so the sum of weight x cosine
// orders such pairs as the rule does.
std::vector<float> ModelWeights(const ScoreRule& rule, size_t models);

// Thread-safe. The problem and the rule must outlive it; the problem must have passed Check().
class PairScores {
 public:
  PairScores(const ClusterProblem& problem, const ScoreRule& rule) : problem_(problem), rule_(rule) {}

  // Row-major a.size() x b.size(). A pair without a common model scores 0: no evidence either way. The value
  // for a pair may differ in its last bits between blocks of other sizes; callers keep to fixed block sizes.
  std::vector<float> Block(std::span<const int> a, std::span<const int> b) const;
  // The score of one pair, the same in whatever order it is asked for.
  float Pair(int a, int b) const;

 private:
  const ClusterProblem& problem_;
  const ScoreRule& rule_;
};

inline constexpr int kScoreBlock =
    512;  // items a side; 1 MiB of scores, and the matrix product is at full speed

}  // namespace crossface
