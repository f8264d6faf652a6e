// How items that may not found a person join one, see find_persons.h, step 3.
#pragma once

#include "crossface/cluster/ground.h"

namespace crossface {

// Who founded which person, and the nearest founders of every item that has a template.
struct PersonFounders {
  const ScoreRule& rule;
  std::vector<int> person_of;  // items; -1 for those that are no founders
  int persons = 0;
  NeighbourGraph neighbours;  // edges lead to items
  std::vector<int> row_of;    // items -> node of `neighbours`, -1: none

  std::span<const NeighbourGraph::Edge> neighbours_of(int item) const {
    if (row_of[item] < 0) return {};
    return neighbours.of(row_of[item]);
  }
};

// `person_of`, of all items: -1 where unassigned; filled in where something joins. Errors: kInterrupted.
Result<PersonFounders> JoinTheOthers(const ClusterProblem& problem, const Ground& ground,
                                     const ConstraintGroups& groups, int persons, double threshold,
                                     std::vector<int>* person_of);

}  // namespace crossface
