#include "crossface/cluster/known_strangers.h"

#include <algorithm>
#include <set>

#include "crossface/embed/normal_distribution.h"

namespace crossface {
namespace {

// Evenly chosen pairs tell as much as all.
constexpr size_t kMostPairs = 20000;
// The calibration counts as so many items: a case of two people on the screen says nothing of its strangers yet.
constexpr double kPriorItems = 40;
constexpr double kAbove = 0.8413;  // one standard deviation above the median

double Quantile(std::vector<float>* values, double share) {
  const auto place = values->begin() + static_cast<ptrdiff_t>(share * static_cast<double>(values->size() - 1));
  std::nth_element(values->begin(), place, values->end());
  return *place;
}

}  // namespace

ScoreRule RuleAmongKnownStrangers(const ClusterProblem& problem, const ScoreRule& rule) {
  std::vector<std::pair<int, int>> pairs;
  for (const auto& [a, b] : problem.cannot_links) {
    if (problem.may_form[a] && problem.may_form[b]) pairs.emplace_back(a, b);
  }
  if (pairs.size() < 2) return rule;
  const PairScores scores(problem, rule);
  const size_t step = (pairs.size() + kMostPairs - 1) / kMostPairs;
  std::vector<float> found;
  std::set<int> items;
  for (size_t i = 0; i < pairs.size(); i += step) {
    found.push_back(scores.Pair(pairs[i].first, pairs[i].second));
    items.insert({pairs[i].first, pairs[i].second});
  }
  const double middle = Quantile(&found, 0.5), deviation = Quantile(&found, kAbove) - middle;
  const double say = static_cast<double>(items.size()) / (static_cast<double>(items.size()) + kPriorItems);
  ScoreRule raised = rule;
  raised.threshold_for = [=, usual = rule.threshold_for](double rate) {
    const double asked = middle + deviation * UpperQuantile(rate), before = usual(rate);
    return static_cast<float>(before + say * std::max(0.0, asked - before));
  };
  return raised;
}

}  // namespace crossface
