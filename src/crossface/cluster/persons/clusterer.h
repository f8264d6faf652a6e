// Groups tracks into persons. The interface that every method has, and the answer they share.
//
// Clusterers are immutable; Cluster() is deterministic, uses no clock and no random numbers but a fixed seed,
// and may be called from several threads at once.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "crossface/cluster/graph/cluster_problem.h"
#include "crossface/cluster/persons/clustering_methods.h"
#include "crossface/embed/unassigned_reason.h"
#include "crossface/util/status.h"

namespace crossface {

// Something that a reviewer should look at.
struct ClusterSuggestion {
  enum class Kind {
    kMerge,    // `person` and `other` may be one
    kMixture,  // `items` of `person` may be somebody else
  };
  Kind kind = Kind::kMerge;
  int person = 0, other = -1;
  std::vector<int> items;
  double probability = 0;  // that it is so, before any prior
  double gain = 0;         // expected number of pairs of items that are put right by following it
};

struct ClusterAnswer {
  // Per item: its person, numbered 0.. in the order of their first item; -1 when unassigned.
  std::vector<int> person_of;
  // Per item: how surely it belongs to its person, 0..1 (0 when unassigned).
  std::vector<float> confidence;
  // Per item: kAlone or kInDoubt when unassigned, else kNone.
  std::vector<UnassignedReason> reason;
  int persons = 0;
  // Per person: how well it hangs together, 0..1; 1 for a person of one item. Empty where the method does
  // not tell.
  std::vector<float> cohesion;
  std::vector<ClusterSuggestion> suggestions;  // falling gain
};

class Clusterer {
 public:
  virtual ~Clusterer() = default;
  virtual std::string name() const = 0;
  // Every must-link and cannot-link holds in the answer. Errors: those of ClusterProblem::Check,
  // kInterrupted.
  virtual Result<ClusterAnswer> Cluster(const ClusterProblem& problem, const PairScorer& scorer) const = 0;
  // Where most items have their persons already, see incremental.h, which tells what `before` and `changed`
  // are.
  virtual Result<ClusterAnswer> ClusterAdded(const ClusterProblem& problem, const PairScorer& scorer,
                                             const std::vector<int>& before,
                                             const std::set<int>& changed) const = 0;
};

// `method`: of ClusteringMethods(). Errors: kInvalidArgument, listing the methods there are.
Result<std::unique_ptr<Clusterer>> CreateClusterer(const std::string& method, const ClusterOptions& options);

}  // namespace crossface
