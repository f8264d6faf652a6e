#include "crossface/cluster/graph/score_spread.h"

#include <algorithm>
#include <cmath>

#include "crossface/cluster/graph/graph_linkage.h"

namespace crossface {
namespace {

constexpr size_t kMostNodes = 16;

}  // namespace

ScoreSpread SpreadWithin(const Ground& ground, const std::vector<int>& cluster_of) {
  std::vector<std::vector<int>> members(static_cast<size_t>(CountClusters(cluster_of)));
  for (int node = 0; node < ground.count(); ++node) members[cluster_of[node]].push_back(node);
  const PairScores scores(ground.nodes(), ground.rule());
  ScoreSpread spread;
  double pairs = 0, sum = 0, squares = 0;
  for (const std::vector<int>& nodes : members) {
    if (nodes.size() < 2) continue;
    ++spread.persons;
    const size_t taken = std::min(nodes.size(), kMostNodes);
    for (size_t i = 0; i < taken; ++i) {
      for (size_t j = 0; j < i; ++j) {
        const double score = scores.Pair(nodes[i * nodes.size() / taken], nodes[j * nodes.size() / taken]);
        ++pairs;
        sum += score;
        squares += score * score;
      }
    }
  }
  if (pairs == 0) return spread;
  spread.mean = sum / pairs;
  spread.deviation = std::sqrt(std::max(0.0, squares / pairs - spread.mean * spread.mean));
  return spread;
}

}  // namespace crossface
