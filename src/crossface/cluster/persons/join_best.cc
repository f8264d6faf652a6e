#include "crossface/cluster/persons/join_best.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

namespace crossface {

std::vector<int> JoinBest(const ConstraintGroups& groups, std::vector<JoinCandidate> candidates,
                          double threshold, const std::function<bool(int person)>& joinable,
                          std::vector<int>* person_of_group) {
  std::sort(candidates.begin(), candidates.end(), [](const JoinCandidate& x, const JoinCandidate& y) {
    return std::tuple(-x.score, x.group, x.person) < std::tuple(-y.score, y.group, y.person);
  });
  std::map<int, std::vector<JoinCandidate>> by_group;
  for (const JoinCandidate& candidate : candidates) by_group[candidate.group].push_back(candidate);
  std::unordered_map<int, Sides> sides;  // by person
  for (int group = 0; group < groups.count(); ++group) {
    if ((*person_of_group)[group] >= 0) TakeSides(groups.sides(group), &sides[(*person_of_group)[group]]);
  }
  const auto may_be_with = [&](const JoinCandidate& candidate) {
    if (AreParted(groups.sides(candidate.group), sides[candidate.person])) return false;
    const auto& apart = groups.apart(candidate.group);
    return std::none_of(apart.begin(), apart.end(),
                        [&](int other) { return (*person_of_group)[other] == candidate.person; });
  };
  std::set<int> joined;
  for (const JoinCandidate& candidate : candidates) {
    if (candidate.score < threshold || joined.contains(candidate.group)) continue;
    if (!joinable(candidate.person) || !may_be_with(candidate)) continue;
    const auto& others = by_group[candidate.group];
    const bool rival = std::any_of(others.begin(), others.end(), [&](const JoinCandidate& other) {
      return other.person != candidate.person && other.score > candidate.score - kJoinMargin &&
             may_be_with(other);
    });
    if (rival) continue;
    (*person_of_group)[candidate.group] = candidate.person;
    TakeSides(groups.sides(candidate.group), &sides[candidate.person]);
    joined.insert(candidate.group);
  }
  std::set<int> in_doubt;
  for (const JoinCandidate& candidate : candidates) {
    if (candidate.score > threshold - kJoinMargin && !joined.contains(candidate.group))
      in_doubt.insert(candidate.group);
  }
  return {in_doubt.begin(), in_doubt.end()};
}

}  // namespace crossface
