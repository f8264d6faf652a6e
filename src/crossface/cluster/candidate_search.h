// Finds, for many nodes at once, the nodes with the largest inner products: the search behind NeighbourGraph,
// see there. Thread-safe where const.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "crossface/cluster/pair_scores.h"
#include "crossface/cluster/spherical_kmeans.h"

namespace crossface {

// The models' vectors of a node, scaled by the root of the model's weight, laid end to end.
class ScaledVectors {
 public:
  ScaledVectors(const ClusterProblem& nodes, const ScoreRule& rule);
  int dimensions() const { return dimensions_; }
  RowMatrix Rows(std::span<const int> nodes) const;
  // Numbers the sets of models that nodes have, from 0 in the order of the first node.
  int pattern_of(int node) const { return pattern_of_[node]; }
  int patterns() const { return patterns_; }

 private:
  const ClusterProblem& nodes_;
  std::vector<float> roots_;  // per model
  std::vector<int> pattern_of_;
  int dimensions_ = 0, patterns_ = 0;
};

// Lists of nodes around centres. The centres lie in districts around centres of their own, so that the list
// of a node is found without looking at all of them.
struct InvertedLists {
  RowMatrix districts;                    // districts x dimensions, unit length
  std::vector<Eigen::Index> first_list;   // districts + 1: the lists of a district follow each other
  RowMatrix centres;                      // lists x dimensions, unit length
  std::vector<std::vector<int>> members;  // rising
};

inline constexpr int kListLength = 256;

// Errors: kInterrupted.
Result<InvertedLists> MakeInvertedLists(const ScaledVectors& vectors, std::span<const int> nodes,
                                        const std::function<bool()>& keep_going);
// The list of each query among existing ones.
Result<std::vector<int>> ListOf(const ScaledVectors& vectors, const InvertedLists& lists,
                                std::span<const int> queries, const std::function<bool()>& keep_going);

// Per query up to `wanted` targets of each pattern, best first, without the query itself. `visit(query's
// position, candidates)` is called once per query, from several threads.
using VisitCandidates = std::function<void(size_t position, std::span<const int> candidates)>;

Status SearchAll(const ScaledVectors& vectors, std::span<const int> queries, std::span<const int> targets,
                 int wanted, const std::function<bool()>& keep_going, const VisitCandidates& visit);
Status SearchLists(const ScaledVectors& vectors, std::span<const int> queries, const InvertedLists& lists,
                   int probes, int wanted, const std::function<bool()>& keep_going,
                   const VisitCandidates& visit);

}  // namespace crossface
