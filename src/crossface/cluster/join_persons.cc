#include "crossface/cluster/join_persons.h"

#include <algorithm>
#include <map>

#include "crossface/cluster/join_best.h"
#include "crossface/cluster/person_affinity.h"

namespace crossface {
namespace {

// Nearest founders of all items with a template; where nodes are items the ground has them already.
Result<PersonFounders> FindFounders(const ClusterProblem& problem, const Ground& ground, int persons,
                                    const std::vector<int>& person_of) {
  PersonFounders founders{.rule = ground.rule(),
                          .person_of = std::vector<int>(static_cast<size_t>(problem.items), -1),
                          .persons = persons,
                          .neighbours = {},
                          .row_of = std::vector<int>(static_cast<size_t>(problem.items), -1)};
  std::vector<int> queries, targets;
  for (int node = 0; node < ground.count(); ++node) {
    for (const int item : ground.founders(node)) founders.person_of[item] = person_of[item];
  }
  for (int item = 0; item < problem.items; ++item) {
    if (founders.person_of[item] >= 0) targets.push_back(item);
    if (!HasTemplate(problem, item)) continue;
    founders.row_of[item] = static_cast<int>(queries.size());
    queries.push_back(item);
  }
  if (ground.count() == problem.items) {
    founders.neighbours = ground.graph();
    return founders;
  }
  CROSSFACE_ASSIGN_OR_RETURN(founders.neighbours,
                             NeighbourGraph::Search(problem, queries, targets, ground.rule(),
                                                    {.exact_up_to = ground.options().exact_neighbours_up_to,
                                                     .keep_going = ground.options().keep_going}));
  return founders;
}

// What a group of items that waits scores with the persons among its neighbours.
std::map<int, Affinity> AffinitiesOf(const PersonFounders& founders, const std::vector<int>& items) {
  std::map<int, Affinity> affinities;
  for (const int item : items) {
    for (const auto& edge : founders.neighbours_of(item)) {
      affinities[founders.person_of[edge.node]].Add(edge.score);
    }
  }
  return affinities;
}

}  // namespace

Result<PersonFounders> JoinTheOthers(const ClusterProblem& problem, const Ground& ground,
                                     const ConstraintGroups& groups, int persons, double threshold,
                                     std::vector<int>* person_of) {
  CROSSFACE_ASSIGN_OR_RETURN(PersonFounders founders, FindFounders(problem, ground, persons, *person_of));
  std::vector<JoinCandidate> candidates;
  std::vector<int> person_of_group;
  for (int group = 0; group < groups.count(); ++group) {
    const std::vector<int>& items = groups.members(group);
    person_of_group.push_back((*person_of)[items.front()]);
    if (person_of_group[group] >= 0) continue;
    for (const auto& [person, affinity] : AffinitiesOf(founders, items)) {
      const double score = affinity.BestMean();
      if (score >= threshold - kJoinMargin) candidates.push_back({group, person, score});
    }
  }
  JoinBest(
      groups, std::move(candidates), threshold, [](int) { return true; }, &person_of_group);
  for (int group = 0; group < groups.count(); ++group) {
    for (const int item : groups.members(group)) (*person_of)[item] = person_of_group[group];
  }
  return founders;
}

}  // namespace crossface
