#include "crossface/cluster/persons/suggestions.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "crossface/cluster/graph/cluster_sums.h"
#include "crossface/cluster/graph/graph_linkage.h"

namespace crossface {
namespace {

constexpr double kWorthShowingRate = 1e-2;
constexpr double kDoubtful = 0.5;  // cohesion below which a person may be a mixture

double Sigmoid(double log_odds) { return 1 / (1 + std::exp(-log_odds)); }

// Two halves per cluster of two nodes or more, 0 and 1: what is left of average linkage over the graph when
// two are left. Where the graph falls apart sooner, its largest part against the rest.
Result<std::vector<int>> Halves(const Ground& ground, const std::vector<int>& cluster_of) {
  const int nodes = ground.count();
  std::vector<int> single(static_cast<size_t>(nodes)), parts(static_cast<size_t>(CountClusters(cluster_of)));
  for (int node = 0; node < nodes; ++node) {
    single[node] = node;
    ++parts[cluster_of[node]];
  }
  const std::vector<int> person(cluster_of);  // of a cluster of nodes, by its smallest node
  ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule());
  std::vector<int> part_of(single);
  const GraphLinkage linkage{.gain =
                                 [&](int a, int b) {
                                   if (person[a] != person[b]) return kNever;
                                   if (parts[person[a]] <= 2) return -1.0;
                                   return Sigmoid(sums.MeanScore(a, b) / 8);
                                 },
                             .merged =
                                 [&](int kept, int gone) {
                                   sums.Merge(kept, gone);
                                   --parts[person[kept]];
                                 }};
  CROSSFACE_ASSIGN_OR_RETURN(part_of, MergeOverGraph(ground, ground.graph(), single, linkage));
  std::vector<int> size(static_cast<size_t>(CountClusters(part_of)));
  for (int node = 0; node < nodes; ++node) ++size[part_of[node]];
  std::vector<int> largest(parts.size(), -1);
  for (int node = 0; node < nodes; ++node) {
    int& best = largest[cluster_of[node]];
    if (best < 0 || size[part_of[node]] > size[best]) best = part_of[node];
  }
  std::vector<int> half(static_cast<size_t>(nodes));
  for (int node = 0; node < nodes; ++node) half[node] = part_of[node] != largest[cluster_of[node]];
  return half;
}

void SuggestMixtures(const Ground& ground, const std::vector<int>& cluster_of, const std::vector<int>& half,
                     double threshold, ClusterAnswer* answer) {
  std::vector<int> halves(cluster_of.size());
  for (size_t node = 0; node < halves.size(); ++node) halves[node] = 2 * cluster_of[node] + half[node];
  const ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule(), halves, 2 * answer->persons);
  std::vector<std::vector<int>> smaller(static_cast<size_t>(answer->persons));
  for (int node = 0; node < ground.count(); ++node) {
    if (!half[node]) continue;
    auto& items = smaller[cluster_of[node]];
    items.insert(items.end(), ground.founders(node).begin(), ground.founders(node).end());
  }
  answer->cohesion.assign(static_cast<size_t>(answer->persons), 1.0f);
  for (int person = 0; person < answer->persons; ++person) {
    if (smaller[person].empty()) continue;
    const double together = Sigmoid(sums.MeanScore(2 * person, 2 * person + 1) - threshold);
    answer->cohesion[person] = static_cast<float>(together);
    if (together >= kDoubtful) continue;
    std::sort(smaller[person].begin(), smaller[person].end());
    answer->suggestions.push_back(
        {.kind = ClusterSuggestion::Kind::kMixture,
         .person = person,
         .items = smaller[person],
         .probability = 1 - together,
         .gain = (1 - together) * sums.size(2 * person) * sums.size(2 * person + 1)});
  }
}

void SuggestMerges(const Ground& ground, const std::vector<int>& cluster_of, double threshold,
                   ClusterAnswer* answer) {
  const double floor = std::min<double>(threshold, ground.rule().threshold_for(kWorthShowingRate));
  const ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule(), cluster_of, answer->persons);
  std::set<std::pair<int, int>> forbidden;
  std::vector<Sides> sides(static_cast<size_t>(answer->persons));
  std::vector<std::pair<int, int>> pairs;
  for (int node = 0; node < ground.count(); ++node) {
    TakeSides(ground.sides(node), &sides[cluster_of[node]]);
    for (const int other : ground.apart(node))
      forbidden.insert(std::minmax(cluster_of[node], cluster_of[other]));
    for (const auto& edge : ground.graph().of(node)) {
      if (cluster_of[edge.node] != cluster_of[node] && edge.score >= floor)
        pairs.push_back(std::minmax(cluster_of[node], cluster_of[edge.node]));
    }
  }
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  for (const auto& [a, b] : pairs) {
    if (forbidden.contains({a, b}) || AreParted(sides[a], sides[b])) continue;
    const double mean = sums.MeanScore(a, b);
    if (mean < floor) continue;
    const double probability = Sigmoid(mean - threshold);
    answer->suggestions.push_back({.kind = ClusterSuggestion::Kind::kMerge,
                                   .person = a,
                                   .other = b,
                                   .items = {},
                                   .probability = probability,
                                   .gain = probability * sums.size(a) * sums.size(b)});
  }
}

}  // namespace

Status Suggest(const Ground& ground, const std::vector<int>& cluster_of, double threshold,
               ClusterAnswer* answer) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> half, Halves(ground, cluster_of));
  SuggestMixtures(ground, cluster_of, half, threshold, answer);
  SuggestMerges(ground, cluster_of, threshold, answer);
  std::sort(answer->suggestions.begin(), answer->suggestions.end(), [](const auto& x, const auto& y) {
    return std::tuple(-x.gain, x.kind, x.person, x.other) < std::tuple(-y.gain, y.kind, y.person, y.other);
  });
  if (answer->suggestions.size() > kMostSuggestions) answer->suggestions.resize(kMostSuggestions);
  return {};
}

}  // namespace crossface
