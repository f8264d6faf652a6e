#include "crossface/cluster/join_persons.h"

#include <algorithm>
#include <map>

#include "crossface/cluster/agglomerative.h"
#include "crossface/cluster/person_affinity.h"

namespace crossface {
namespace {

struct Candidate {
  int group, person;
  double score;
};

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

class Joining {
 public:
  Joining(const ConstraintGroups& groups, double threshold, std::vector<int>* person_of)
      : groups_(groups), threshold_(threshold), person_of_(person_of) {}

  void Run(std::vector<Candidate> candidates) {
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& x, const Candidate& y) {
      return std::tuple(-x.score, x.group, x.person) < std::tuple(-y.score, y.group, y.person);
    });
    std::map<int, std::vector<Candidate>> by_group;
    for (const Candidate& candidate : candidates) by_group[candidate.group].push_back(candidate);
    for (const Candidate& candidate : candidates) {
      if (candidate.score < threshold_ || PersonOf(candidate.group) >= 0) continue;
      if (!MayBeWith(candidate) || HasRival(candidate, by_group[candidate.group])) continue;
      for (const int item : groups_.members(candidate.group)) (*person_of_)[item] = candidate.person;
    }
  }

 private:
  int PersonOf(int group) const { return (*person_of_)[groups_.members(group).front()]; }

  bool MayBeWith(const Candidate& candidate) const {
    const auto& apart = groups_.apart(candidate.group);
    return std::none_of(apart.begin(), apart.end(),
                        [&](int other) { return PersonOf(other) == candidate.person; });
  }

  bool HasRival(const Candidate& candidate, const std::vector<Candidate>& others) const {
    return std::any_of(others.begin(), others.end(), [&](const Candidate& other) {
      return other.person != candidate.person && other.score > candidate.score - kJoinMargin &&
             MayBeWith(other);
    });
  }

  const ConstraintGroups& groups_;
  const double threshold_;
  std::vector<int>* person_of_;
};

}  // namespace

Result<PersonFounders> JoinTheOthers(const ClusterProblem& problem, const Ground& ground,
                                     const ConstraintGroups& groups, int persons, double threshold,
                                     std::vector<int>* person_of) {
  CROSSFACE_ASSIGN_OR_RETURN(PersonFounders founders, FindFounders(problem, ground, persons, *person_of));
  std::vector<Candidate> candidates;
  for (int group = 0; group < groups.count(); ++group) {
    const std::vector<int>& items = groups.members(group);
    if ((*person_of)[items.front()] >= 0) continue;
    for (const auto& [person, affinity] : AffinitiesOf(founders, items)) {
      const double score = affinity.BestMean();
      if (score >= threshold - kJoinMargin) candidates.push_back({group, person, score});
    }
  }
  Joining(groups, threshold, person_of).Run(std::move(candidates));
  return founders;
}

}  // namespace crossface
