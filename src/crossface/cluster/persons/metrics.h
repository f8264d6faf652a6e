// How well a grouping agrees with the truth. Pure functions, thread-safe. Labels are arbitrary integers; in
// `predicted`, -1 means unassigned and counts as a group of its own per item.
//
// With n(t,p) the weight of the items of true person t in group p, n(t) and n(p) its row and column sums, W
// the total:
//   pairwise   a pair of items i < j weighs w(i)w(j); precision = weight of the pairs that share both / that
//   share the group,
//              recall = the same over those that share the true person; 1 where there is no such pair.
//   bcubed     precision = sum n(t,p)^2 / n(p) / W, recall = sum n(t,p)^2 / n(t) / W (Bagga & Baldwin 1998;
//   Amigo et al. 2009). nmi        2 I(T;P) / (H(T) + H(P)), natural weights; 1 when both entropies are 0.
//   purity     sum over groups of max over t of n(t,p), / W: weighted clustering purity.
// All of it comes from the contingency table: O(items log items), never a pass over pairs.
#pragma once

#include <span>

#include "crossface/util/public_api.h"

namespace crossface {

struct PrecisionRecall {
  double precision = 1, recall = 1;
  double F() const { return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0; }
};

struct ClusterMetrics {
  PrecisionRecall pairwise;
  PrecisionRecall bcubed;
  double nmi = 1;
  double purity = 1;
  int true_persons = 0, predicted_persons = 0;  // predicted: groups of assigned items
};

// `weights` (item sizes, such as seconds) may be empty for all ones. Items of weight 0 count for nothing, not
// even as a person. Throws std::logic_error when lengths differ or a weight is negative or not finite.
CROSSFACE_API ClusterMetrics CompareClusterings(std::span<const int> truth, std::span<const int> predicted,
                                                std::span<const double> weights = {});

}  // namespace crossface
