#include "crossface/cluster/graph/graph_parts.h"

#include <algorithm>
#include <numeric>

#include "crossface/cluster/graph/union_find.h"

namespace crossface {

GraphParts::GraphParts(const Ground& ground, double threshold)
    : ground_(ground),
      threshold_(threshold),
      entered_(static_cast<size_t>(ground.count())),
      place_(static_cast<size_t>(ground.count())) {}

std::vector<std::vector<int>> GraphParts::Connected() {
  std::vector<int> all(static_cast<size_t>(ground_.count()));
  std::iota(all.begin(), all.end(), 0);
  return Connected(all);
}

std::vector<std::vector<int>> GraphParts::Connected(const std::vector<int>& nodes) {
  Enter(nodes);
  UnionFind sets(static_cast<int>(nodes.size()));
  ForEachEdge(nodes, [&](int node, const auto& edge) { sets.Join(place_[node], place_[edge.node]); });
  std::vector<std::vector<int>> parts;
  std::vector<int> part_of(nodes.size(), -1);
  for (size_t place = 0; place < nodes.size(); ++place) {
    int& part = part_of[static_cast<size_t>(sets.Find(static_cast<int>(place)))];  // the root comes first
    if (part < 0) {
      part = static_cast<int>(parts.size());
      parts.emplace_back();
    }
    parts[part].push_back(nodes[place]);
  }
  return parts;
}

void GraphParts::Enter(const std::vector<int>& nodes) {
  ++entries_;
  for (size_t place = 0; place < nodes.size(); ++place) {
    entered_[nodes[place]] = entries_;
    place_[nodes[place]] = static_cast<int>(place);
  }
}

bool GraphParts::HasEdge(int node, int other) const {
  const auto edges = ground_.graph().of(node);
  return std::any_of(edges.begin(), edges.end(), [&](const auto& edge) { return edge.node == other; });
}

}  // namespace crossface
