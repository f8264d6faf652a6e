#include "crossface/cluster/persons/join_persons.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "crossface/cluster/persons/join_best.h"

namespace crossface {
namespace {

// What a group scores with a person: the mean of the best three pairs, or of all when there are fewer.
class Affinity {
 public:
  void Add(float score) {
    best_.push_back(score);
    std::sort(best_.rbegin(), best_.rend());
    if (best_.size() > kPairs) best_.pop_back();
  }
  // Of `pairs` there are; those that are no edge count as `least`, which they are at most.
  double BestMean(size_t pairs, double least) const {
    const size_t counted = std::min(pairs, kPairs);
    const double sum = std::accumulate(best_.begin(), best_.end(), 0.0);
    return (sum + least * static_cast<double>(counted - best_.size())) / static_cast<double>(counted);
  }

 private:
  static constexpr size_t kPairs = 3;
  std::vector<float> best_;  // falling
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
  CROSSFACE_ASSIGN_OR_RETURN(
      founders.neighbours,
      NeighbourGraph::Search(problem, queries, targets, ground.rule(), ground.OptionsOfSearch()));
  return founders;
}

class Joining {
 public:
  Joining(const Ground& ground, const ConstraintGroups& groups, double threshold, PersonFounders* founders,
          std::vector<int>* person_of)
      : ground_(ground),
        groups_(groups),
        threshold_(threshold),
        founders_(*founders),
        person_of_(*person_of) {
    for (int group = 0; group < groups.count(); ++group)
      person_of_group_.push_back(person_of_[groups.members(group).front()]);
  }

  // A good item that is a person of its own may be one that a person's coherent others are too far from.
  void JoinTheLone() {
    std::vector<int> nodes_in(static_cast<size_t>(founders_.persons)), lone;
    for (int node = 0; node < ground_.count(); ++node) ++nodes_in[person_of_group_[ground_.group_of(node)]];
    for (int node = 0; node < ground_.count(); ++node) {
      const int group = ground_.group_of(node);
      if (nodes_in[person_of_group_[group]] == 1) lone.push_back(group);
    }
    Join(lone, [&](int person) { return nodes_in[person] > 1; });
    for (int node = 0; node < ground_.count(); ++node) {
      for (const int item : ground_.founders(node))
        founders_.person_of[item] = person_of_group_[ground_.group_of(node)];
    }
  }

  // Returns why those that are left are with nobody.
  std::vector<UnassignedReason> JoinTheOthers() {
    std::vector<UnassignedReason> reason(person_of_.size(), UnassignedReason::kNone);
    std::vector<int> others;
    for (int group = 0; group < groups_.count(); ++group) {
      if (person_of_group_[group] < 0) others.push_back(group);
    }
    const std::vector<int> in_doubt = Join(others, [](int) { return true; });
    for (const int group : others) {
      if (person_of_group_[group] >= 0) continue;
      const bool doubt = std::binary_search(in_doubt.begin(), in_doubt.end(), group);
      for (const int item : groups_.members(group))
        reason[item] = doubt ? UnassignedReason::kInDoubt : UnassignedReason::kAlone;
    }
    return reason;
  }

 private:
  // `joinable` tells the persons that something may join; the rest are rivals only. Returns the groups in
  // doubt, as JoinBest does.
  std::vector<int> Join(const std::vector<int>& waiting, const std::function<bool(int)>& joinable) {
    std::vector<size_t> founders_in(static_cast<size_t>(founders_.persons));
    for (const int person : founders_.person_of) {
      if (person >= 0) ++founders_in[person];
    }
    const double least = ground_.OptionsOfSearch().least;
    std::vector<JoinCandidate> candidates;
    for (const int group : waiting) {
      std::map<int, Affinity> affinities;
      size_t items = 0;
      for (const int item : groups_.members(group)) {
        items += founders_.row_of[item] >= 0;
        for (const auto& edge : founders_.neighbours_of(item))
          affinities[founders_.person_of[edge.node]].Add(edge.score);
      }
      for (const auto& [person, affinity] : affinities) {
        const double score = affinity.BestMean(items * founders_in[person], least);
        if (person != person_of_group_[group] && score >= threshold_ - kJoinMargin)
          candidates.push_back({group, person, score});
      }
    }
    std::vector<int> in_doubt =
        JoinBest(groups_, std::move(candidates), threshold_, joinable, &person_of_group_);
    for (const int group : waiting) {
      for (const int item : groups_.members(group)) person_of_[item] = person_of_group_[group];
    }
    return in_doubt;
  }

  const Ground& ground_;
  const ConstraintGroups& groups_;
  const double threshold_;
  PersonFounders& founders_;
  std::vector<int>& person_of_;
  std::vector<int> person_of_group_;
};

}  // namespace

Result<PersonFounders> JoinPersons(const ClusterProblem& problem, const Ground& ground,
                                   const ConstraintGroups& groups, int persons, double threshold,
                                   std::vector<int>* person_of, std::vector<UnassignedReason>* reason) {
  CROSSFACE_ASSIGN_OR_RETURN(PersonFounders founders, FindFounders(problem, ground, persons, *person_of));
  Joining joining(ground, groups, threshold, &founders, person_of);
  joining.JoinTheLone();
  *reason = joining.JoinTheOthers();
  return founders;
}

}  // namespace crossface
