// Groups tracks into persons. The interface that every method has, and the problem and answer they share.
//
// Clusterers are immutable; Cluster() is deterministic, uses no clock and no random numbers but a fixed seed,
// and may be called from several threads at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "crossface/embed/pair_scorer.h"
#include "crossface/embed/unassigned_reason.h"
#include "crossface/util/status.h"

namespace crossface {

// The templates of one model for all items: row i belongs to item i.
struct TemplateMatrix {
  std::string model;
  int dimensions = 0;
  std::vector<float> rows;       // items x dimensions, unit length; zeros where absent
  std::vector<uint8_t> present;  // items
  // Instead of `rows`, where these do not fit into memory twice: the same numbers, owned by somebody else (a
  // mapped file) who outlives the problem.
  std::span<const float> mapped;

  const float* row(size_t item) const {
    return (mapped.empty() ? rows.data() : mapped.data()) + item * static_cast<size_t>(dimensions);
  }
};

struct ClusterProblem {
  int items = 0;                          // tracks
  std::vector<TemplateMatrix> templates;  // in the order of the scorer's models
  std::vector<float> quality;             // items; 0..1
  std::vector<float> evidence;            // items; IdentityEvidence, 0..1; empty: 1 for all
  std::vector<CohortScore> cohort;        // items; see cohort.h; empty: strangers are as elsewhere
  std::vector<uint8_t> may_form;          // items; 1: good enough to found a person, 0: may only join one
  std::vector<std::pair<int, int>> must_links, cannot_links;

  // kInvalidArgument, saying which, for sizes that do not fit, an index out of range, vectors that are not
  // finite or not of unit length, and must- and cannot-links that contradict each other (the chain is named).
  Status Check() const;

  TemplateFacts FactsOf(int item) const {
    return {quality[static_cast<size_t>(item)], cohort.empty() ? CohortScore() : cohort[static_cast<size_t>(item)]};
  }
};

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

enum class Profile { kStrict, kBalanced, kLoose };

struct ClusterOptions {
  // How many wrong links per person are expected, see false_match_rate.h: the score threshold follows from it
  // and from the number of people.
  Profile profile = Profile::kBalanced;
  // Persons of the case who are not in the problem, see incremental.h: the rate counts them, and a part of a
  // case lowers no threshold.
  int persons_elsewhere = 0;
  // Neighbours are exact up to so many tracks, see neighbour_graph.h.
  int exact_neighbours_up_to = 100000;
  std::function<bool()> keep_going;  // asked now and then; false gives kInterrupted
};

class Clusterer {
 public:
  virtual ~Clusterer() = default;
  virtual std::string name() const = 0;
  // Every must-link and cannot-link holds in the answer. Errors: those of ClusterProblem::Check,
  // kInterrupted.
  virtual Result<ClusterAnswer> Cluster(const ClusterProblem& problem, const PairScorer& scorer) const = 0;
  // Where most items have their persons already, see incremental.h, which tells what `before` is.
  virtual Result<ClusterAnswer> ClusterAdded(const ClusterProblem& problem, const PairScorer& scorer,
                                             const std::vector<int>& before) const = 0;
};

inline constexpr char kDefaultClustering[] = "hybrid";

// "agglomerative", "communities", "dbscan", "hybrid", "kmeans", "spectral". Errors: kInvalidArgument, listing
// the methods there are.
Result<std::unique_ptr<Clusterer>> CreateClusterer(const std::string& method, const ClusterOptions& options);
std::vector<std::string> ClusteringMethods();

// kInvalidArgument unless the templates are of the scorer's models, in its order.
Status CheckModels(const ClusterProblem& problem, const PairScorer& scorer);

}  // namespace crossface
