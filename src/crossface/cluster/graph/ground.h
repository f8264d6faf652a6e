// What every method stands on: the items that may found a person, joined to
// nodes by the must-links, the cannot-links between nodes, their nearest neighbours, and the score at which a
// link does more good than harm in this case. Immutable once made; thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "crossface/cluster/graph/cluster_problem.h"
#include "crossface/cluster/graph/constraints.h"
#include "crossface/cluster/graph/neighbour_graph.h"
#include "crossface/cluster/graph/pair_scores.h"

namespace crossface {

// The graph holds all telling pairs up to so many nodes: 32 MiB while it is made.
inline constexpr int kAllPairsUpTo = 2048;

class Ground {
 public:
  // `problem` (checked) and `rule` must outlive it. Errors: kInterrupted.
  static Result<Ground> Make(const ClusterProblem& problem, const ScoreRule& rule,
                             const ClusterOptions& options, const ConstraintGroups& groups);

  // One node per group with a founder: its vectors are the means of its founders'. Has no constraints.
  const ClusterProblem& nodes() const { return own_nodes_ ? *own_nodes_ : *problem_; }
  int count() const { return static_cast<int>(founders_.size()); }
  const std::vector<int>& sizes() const { return sizes_; }                      // founders per node
  const std::vector<int>& founders(int node) const { return founders_[node]; }  // items, rising
  int group_of(int node) const { return group_of_[node]; }
  const std::vector<int>& apart(int node) const { return apart_[node]; }  // by cannot-links; nodes, rising
  const Sides& sides(int node) const { return sides_[node]; }
  bool MayJoin(int node_a, int node_b) const;

  const ScoreRule& rule() const { return *rule_; }
  const NeighbourGraph& graph() const { return graph_; }
  const ClusterOptions& options() const { return *options_; }

  // How neighbours are searched in this case, by others too.
  NeighbourOptions OptionsOfSearch() const;

  // The score above which a pair is more often one person than kCostOfWrong times not, see case_threshold.h.
  double even_threshold() const { return even_threshold_; }

 private:
  Ground() = default;
  const ClusterProblem* problem_ = nullptr;
  const ScoreRule* rule_ = nullptr;
  const ClusterOptions* options_ = nullptr;
  std::shared_ptr<const ClusterProblem> own_nodes_;  // absent where the nodes are the items
  std::vector<int> sizes_, group_of_;
  std::vector<std::vector<int>> founders_, apart_;
  std::vector<Sides> sides_;
  NeighbourGraph graph_;
  double even_threshold_ = 0;
};

// One item per list: the mean vectors and facts of the items of the list. Has no constraints.
ClusterProblem MeansOf(const ClusterProblem& problem, const std::vector<std::vector<int>>& lists);

// The items with a template among those that may form a person.
bool HasTemplate(const ClusterProblem& problem, int item);

}  // namespace crossface
