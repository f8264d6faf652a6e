// Parts of the neighbour graph: what hangs together by edges that count, and the edges within one part. An
// edge counts when it reaches a threshold and its nodes may be together. Not thread-safe; the ground must
// outlive it. Memory: two numbers per node.
#pragma once

#include <vector>

#include "crossface/cluster/graph/ground.h"

namespace crossface {

class GraphParts {
 public:
  GraphParts(const Ground& ground, double threshold);

  // The pieces in which all nodes, or these (rising), hang together among themselves: by first node, rising.
  std::vector<std::vector<int>> Connected();
  std::vector<std::vector<int>> Connected(const std::vector<int>& nodes);

  // Calls visit(place, place, score) once for each two of these nodes that an edge joins, with their places
  // in `nodes`.
  template <typename Visit>
  void ForEachPair(const std::vector<int>& nodes, const Visit& visit) {
    Enter(nodes);
    ForEachEdge(nodes, [&](int node, const NeighbourGraph::Edge& edge) {
      if (edge.node < node && HasEdge(edge.node, node)) return;
      visit(place_[node], place_[edge.node], edge.score);
    });
  }

 private:
  // From now on edges count among these nodes only.
  void Enter(const std::vector<int>& nodes);
  bool HasEdge(int node, int other) const;

  // Some edges are there in both directions, others in one.
  template <typename Visit>
  void ForEachEdge(const std::vector<int>& nodes, const Visit& visit) const {
    for (const int node : nodes) {
      for (const auto& edge : ground_.graph().of(node)) {
        if (edge.score < threshold_) break;
        if (entered_[edge.node] == entries_ && ground_.MayJoin(node, edge.node)) visit(node, edge);
      }
    }
  }

  const Ground& ground_;
  const double threshold_;
  int entries_ = 0;
  std::vector<int> entered_, place_;  // by node: the last time that it was entered, and where
};

}  // namespace crossface
