// How well a grouping agrees with the truth. Pure functions, thread-safe. Labels are arbitrary integers; in `predicted`, -1 means
// unassigned and counts as a group of its own per item.
#pragma once

#include <span>

namespace crossface {

struct PrecisionRecall {
  double precision = 1, recall = 1;
  double F() const { return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0; }
};

struct ClusterMetrics {
  PrecisionRecall pairwise;  // over all pairs of items
  PrecisionRecall bcubed;    // Bagga & Baldwin 1998; Amigo et al. 2009
  double nmi = 1;            // normalised mutual information, arithmetic mean
  double purity = 1;         // weighted clustering purity
  int true_persons = 0, predicted_persons = 0;  // predicted: groups of assigned items
};

// `weights` (item sizes, such as seconds) may be empty for all ones. Throws std::logic_error when lengths differ.
ClusterMetrics CompareClusterings(std::span<const int> truth, std::span<const int> predicted,
                                  std::span<const double> weights = {});

}  // namespace crossface
