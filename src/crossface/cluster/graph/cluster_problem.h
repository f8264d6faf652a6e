// What is to be grouped, and how: tracks with their templates, what holds them together and apart. Plain
// data; Check() and CheckModels() are pure.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "crossface/cluster/graph/profile.h"
#include "crossface/cluster/graph/sides.h"
#include "crossface/embed/pair_scorer.h"
#include "crossface/util/status.h"

namespace crossface {

class ProductSearch;  // product_search.h

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
  std::vector<Parting> partings;  // as cannot-links between all items of different sides

  // kInvalidArgument, saying which, for sizes that do not fit, an index out of range, vectors that are not
  // finite or not of unit length, and must-links that contradict cannot-links or partings (the chain is
  // named).
  Status Check() const;

  TemplateFacts FactsOf(int item) const {
    return {quality[static_cast<size_t>(item)],
            cohort.empty() ? CohortScore() : cohort[static_cast<size_t>(item)]};
  }
};

struct ClusterOptions {
  // How many wrong links per person are expected, see false_match_rate.h: the score threshold follows from it
  // and from the number of people.
  Profile profile = Profile::kBalanced;
  // Persons of the case who are not in the problem, see incremental.h: the rate counts them, and a part of a
  // case lowers no threshold.
  int persons_elsewhere = 0;
  // Neighbours are exact up to so many tracks, see neighbour_graph.h.
  int exact_neighbours_up_to = 100000;
  // Who computes their products; null: the processor, see product_search.h.
  std::shared_ptr<ProductSearch> products;
  // While neighbours are searched: of the tracks, 0..1.
  std::function<void(double share)> progress;
  std::stop_token stop;  // gives kInterrupted
};

// kInvalidArgument unless the templates are of the scorer's models, in its order.
Status CheckModels(const ClusterProblem& problem, const PairScorer& scorer);

}  // namespace crossface
