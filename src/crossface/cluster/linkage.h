// Merges clusters, best first, while a MergeRule says that they are one person. Exact, over a matrix of all
// mean scores.
//
// Greedy agglomeration with a cached best partner per row (Anderberg 1973) and the average-linkage update of
// Lance & Williams 1967: O(n^2) memory, 4 n^2 / 2 bytes, and O(n^2) time in practice. Ties go to the lowest
// numbers. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "crossface/cluster/merge_rule.h"
#include "crossface/util/status.h"

namespace crossface {

class Linkage {
 public:
  // Errors: kOutOfResources when the matrix does not fit into memory.
  static Result<Linkage> Create(int nodes);

  // Filling it: a node's size and the sum of its inner pair scores (1 and 0 unless set); per pair of
  // different nodes the mean score, added up from shares, or, last, that they may never be one cluster.
  void SetNode(int node, double size, double within) { shapes_[node] = {.size = size, .within = within}; }
  void AddMean(int a, int b, float share) { At(a, b) += share; }
  void Forbid(int a, int b);

  // Per node its cluster, numbered by first node. Call once. Errors: kInterrupted.
  Result<std::vector<int>> Run(const MergeRule& rule, const std::function<bool()>& keep_going);

 private:
  struct Best {
    int partner = -1;
    double gain = -1;
  };
  explicit Linkage(int nodes);
  float& At(int a, int b) {
    return a > b ? means_[static_cast<size_t>(a) * (a - 1) / 2 + b]
                 : means_[static_cast<size_t>(b) * (b - 1) / 2 + a];
  }
  // The best partner among the live nodes below `row`.
  Best FindBest(const MergeRule& rule, int row) const;
  void Merge(const MergeRule& rule, int kept, int gone);

  int nodes_;
  std::vector<float> means_;  // lower triangle
  std::vector<MergeRule::Shape> shapes_;
  std::vector<uint8_t> alive_;
  std::vector<Best> best_;
};

}  // namespace crossface
