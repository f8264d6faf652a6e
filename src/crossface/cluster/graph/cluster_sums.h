// The sums of the vectors of every cluster, from which the mean score between any two follows without looking
// at their members: the log-odds are linear in the cosines, and the mean cosine of all pairs between two
// clusters is the product of their mean vectors. Facts (qualities, cohorts) enter as their means; that is
// exact where the pictures are good.
//
// Memory: one vector per model for every cluster of several nodes; single nodes use their own. Not
// thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "crossface/cluster/graph/pair_scores.h"

namespace crossface {

class ClusterSums {
 public:
  // Every node its own cluster, of the number of the node. `sizes`: items per node, whose mean the node's
  // vector is. All of them must outlive it.
  ClusterSums(const ClusterProblem& nodes, const std::vector<int>& sizes, const ScoreRule& rule);

  // All clusters of a partition at once; they have its numbers (negative: in none).
  ClusterSums(const ClusterProblem& nodes, const std::vector<int>& sizes, const ScoreRule& rule,
              const std::vector<int>& cluster_of, int clusters);

  void Merge(int kept, int gone);

  double size(int cluster) const { return size_[cluster]; }  // items
  // Over all pairs of items between the two. 0 where no pair has a common model.
  double MeanScore(int a, int b) const;
  // Of a node with the others of a cluster that it is in (`inside`) or not. 0 where there are none.
  double MeanScoreOf(int node, int cluster, bool inside) const;
  // Over the pairs of different items of a cluster; `alone` where there is one only.
  double MeanScoreWithin(int cluster, double alone) const;

 private:
  struct Sum {
    double items = 0;           // that have the model
    std::vector<float> vector;  // empty: the node's own vector times its size
    double square = 0;          // of its length
  };
  struct View {
    const float* vector = nullptr;
    double scale = 1;  // to get the sum
    double items = 0;
    double square = 0;  // of the sum's length
  };
  View Of(int cluster, size_t model) const;
  void AddNode(int cluster, int node);
  // The sums of facts over items.
  struct Facts {
    double quality = 0, cohort_mean = 0, cohort_spread = 0;
    void Add(const TemplateFacts& facts, double items);
    TemplateFacts Mean(double items) const;
  };
  float Score(std::vector<float>* cosines, const TemplateFacts& a, const TemplateFacts& b) const;
  TemplateFacts MeanFacts(int cluster) const { return facts_[cluster].Mean(size_[cluster]); }

  const ClusterProblem& nodes_;
  const std::vector<int>& sizes_;
  const ScoreRule& rule_;
  std::vector<double> size_;
  std::vector<Facts> facts_;
  std::vector<int> only_;                                // the node of a cluster of one node, else -1
  std::vector<std::unique_ptr<std::vector<Sum>>> sums_;  // of the others
};

}  // namespace crossface
