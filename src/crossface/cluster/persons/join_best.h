// How groups that founded no person, or stayed alone, join one. Pure; not thread-safe for one
// `person_of_group`.
#pragma once

#include <functional>
#include <vector>

#include "crossface/cluster/graph/constraints.h"

namespace crossface {

// Log-odds by which a poor track must fit its person better than the next: odds of 20 to 1, the least that
// forensic scales call more than weak support (ENFSI 2015, table 4: likelihood ratios of 10 to 100 are
// moderate).
inline constexpr double kJoinMargin = 3;

// What a group scores with a person. Scores below the threshold by kJoinMargin or more decide nothing and may
// be left out.
struct JoinCandidate {
  int group = 0, person = 0;
  double score = 0;
};

// A group joins the person whose score reaches the threshold and is kJoinMargin above that of any other it
// may be with. The best score goes first, so that of two groups that exclude each other the better one gets
// the person. `joinable` tells the persons that something may join; the rest are rivals only.
// `person_of_group`: -1 where there is none; changed where a group joins. Returns the groups in doubt,
// rising: those that joined nobody although somebody is less than kJoinMargin below the threshold, or above
// it.
std::vector<int> JoinBest(const ConstraintGroups& groups, std::vector<JoinCandidate> candidates,
                          double threshold, const std::function<bool(int person)>& joinable,
                          std::vector<int>* person_of_group);

}  // namespace crossface
