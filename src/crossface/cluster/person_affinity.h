// How well units (single items or must-linked groups) score with every person. Pure; thread-safe.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <vector>

#include "crossface/cluster/pair_scores.h"

namespace crossface {

struct Affinity {
  double sum = 0;
  int pairs = 0;
  std::array<float, 3> best = {};  // falling; the first min(3, pairs) count

  void Add(float score);
  double Mean() const { return pairs > 0 ? sum / pairs : 0; }
  double BestMean() const;  // of the best three, or of all when fewer
};

// Members with templates, the founders of persons 0..persons-1; parallel vectors.
struct PersonMembers {
  std::vector<int> items, person;
  int persons = 0;
};

// Calls visit(unit, affinity per person) for each unit in order. A pair of an item with itself does not
// count. Errors: kInterrupted.
Status ForEachAffinity(const PairScores& scores, const std::vector<std::vector<int>>& units,
                       const PersonMembers& members, const std::function<bool()>& keep_going,
                       const std::function<void(size_t unit, std::span<const Affinity>)>& visit);

}  // namespace crossface
