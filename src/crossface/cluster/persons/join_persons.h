// How items that stayed alone, or may not found a person, join one: see find_persons.h, step 3.
#pragma once

#include "crossface/cluster/graph/ground.h"
#include "crossface/cluster/persons/clusterer.h"

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

// What stands far from everybody else joins at so many times the profile's rate at most. With lone good
// tracks joining so, BCubed recall on make_synth's seeds 1, 101 to 103, 211 to 213 and 301 to 304 rose from
// .966 to .976; precision stayed at .997. Twice that mixes somebody in one of them.
inline constexpr double kJoinRelief = 4;

// `person_of`, of all items: -1 where unassigned; changed where something joins. Persons that joined another
// as a whole have no items left. `reason`: why an item is still unassigned, of all items. Errors:
// kInterrupted.
Result<PersonFounders> JoinPersons(const ClusterProblem& problem, const Ground& ground,
                                   const ConstraintGroups& groups, int persons, double threshold,
                                   std::vector<int>* person_of, std::vector<UnassignedReason>* reason);

}  // namespace crossface
