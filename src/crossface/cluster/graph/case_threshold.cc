#include "crossface/cluster/graph/case_threshold.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "crossface/cluster/graph/parallel.h"

namespace crossface {
namespace {

constexpr double kPairs = 25e6;
constexpr size_t kFewestRows = 128;
constexpr size_t kSteps = 40;

}  // namespace

Result<double> CaseThreshold(const ClusterProblem& nodes, const ScoreRule& rule,
                             const std::stop_token& stop) {
  std::array<double, kSteps> rates;
  std::array<float, kSteps> thresholds;  // rising
  for (size_t step = 0; step < kSteps; ++step) {
    const double place = static_cast<double>(step) / (kSteps - 1);
    rates[step] = kLoosestRate * std::pow(kStrictestRate / kLoosestRate, place);
    thresholds[step] = rule.threshold_for(rates[step]);
  }
  const auto count = static_cast<size_t>(nodes.items);
  std::vector<int> all(count);
  std::iota(all.begin(), all.end(), 0);
  const size_t rows =
      std::min(count, std::max(kFewestRows, static_cast<size_t>(kPairs / std::max<double>(1, nodes.items))));
  std::vector<int> chosen(rows);
  for (size_t i = 0; i < rows; ++i) chosen[i] = static_cast<int>(i * count / rows);

  const PairScores scores(nodes, rule);
  const size_t pieces = (count + kScoreBlock - 1) / kScoreBlock;
  std::vector<std::array<int64_t, kSteps + 1>> counts(pieces);
  CROSSFACE_RETURN_IF_ERROR(ForEachPiece(pieces, stop, [&](size_t piece) {
    const size_t first = piece * kScoreBlock;
    const auto columns = std::span(all).subspan(first, std::min<size_t>(kScoreBlock, count - first));
    for (size_t row = 0; row < rows; row += kScoreBlock) {
      const auto block = std::span(chosen).subspan(row, std::min<size_t>(kScoreBlock, rows - row));
      const std::vector<float> values = scores.Block(block, columns);
      for (size_t i = 0; i < values.size(); ++i) {
        if (values[i] < thresholds[0] || block[i / columns.size()] == columns[i % columns.size()]) continue;
        const auto above = std::upper_bound(thresholds.begin(), thresholds.end(), values[i]);
        ++counts[piece][static_cast<size_t>(above - thresholds.begin())];
      }
    }
  }));
  const double pairs = static_cast<double>(rows) * std::max(0.0, static_cast<double>(count) - 1);
  double reached = 0, best = 0, threshold = thresholds.back();
  for (size_t step = kSteps; step-- > 0;) {
    for (const auto& piece : counts) reached += static_cast<double>(piece[step + 1]);
    const double surplus = reached - (1 + kCostOfWrong) * rates[step] * pairs;
    if (surplus > best) {
      best = surplus;
      threshold = thresholds[step];
    }
  }
  return threshold;
}

}  // namespace crossface
