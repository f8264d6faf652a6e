#include "crossface/cluster/persons/find_persons.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "crossface/cluster/graph/cluster_sums.h"
#include "crossface/cluster/graph/false_match_rate.h"
#include "crossface/cluster/graph/graph_linkage.h"
#include "crossface/cluster/persons/join_persons.h"
#include "crossface/cluster/persons/suggestions.h"

namespace crossface {
namespace {

// Clusters that hold who may not be together; whether there are any.
bool FindForbidden(const Ground& ground, const std::vector<int>& cluster_of, std::vector<char>* holds) {
  holds->assign(static_cast<size_t>(CountClusters(cluster_of)), 0);
  std::vector<Sides> sides(holds->size());
  for (int node = 0; node < ground.count(); ++node) {
    const int own = cluster_of[node];
    const bool apart = std::any_of(ground.apart(node).begin(), ground.apart(node).end(),
                                   [&](int other) { return cluster_of[other] == own; });
    if (apart || AreParted(ground.sides(node), sides[own])) {
      (*holds)[own] = 1;
    } else {
      TakeSides(ground.sides(node), &sides[own]);
    }
  }
  return std::find(holds->begin(), holds->end(), 1) != holds->end();
}

// Persons of items, from clusters of nodes: all items of a node's group.
std::vector<int> LiftToItems(const Ground& ground, const ConstraintGroups& groups,
                             const std::vector<int>& cluster_of, int items) {
  std::vector<int> person_of(static_cast<size_t>(items), -1);
  for (int node = 0; node < ground.count(); ++node) {
    for (const int item : groups.members(ground.group_of(node))) person_of[item] = cluster_of[node];
  }
  return person_of;
}

// Scores say neither that it is certain nor that it cannot be: the calibration was fitted to some ten million
// pairs of 230 people, of whom none is in the case.
constexpr float kLeastSure = 0.001f, kMostSure = 0.999f;

// Step 4. Whom an item may not be with is no rival.
void FillConfidence(const ClusterProblem& problem, const ConstraintGroups& groups,
                    const PersonFounders& founders, double threshold, ClusterAnswer* answer) {
  const auto apart = [&](int item, int other) {
    return !groups.MayJoin(groups.group_of(item), groups.group_of(other));
  };
  const std::vector<int> ones(static_cast<size_t>(problem.items), 1);
  const ClusterSums sums(problem, ones, founders.rule, founders.person_of, founders.persons);
  for (int item = 0; item < problem.items; ++item) {
    const int own = answer->person_of[item];
    if (own < 0) continue;
    answer->confidence[item] = kMostSure;
    if (!HasTemplate(problem, item)) continue;
    std::vector<int> rivals;
    for (const auto& edge : founders.neighbours_of(item)) {
      const int person = answer->person_of[edge.node];
      if (person >= 0 && person != own && !apart(item, edge.node)) rivals.push_back(person);
    }
    std::sort(rivals.begin(), rivals.end());
    rivals.erase(std::unique(rivals.begin(), rivals.end()), rivals.end());
    double other = -std::numeric_limits<double>::infinity();
    for (const int person : rivals) other = std::max(other, sums.MeanScoreOf(item, person, false));
    const bool founder = founders.person_of[item] >= 0;
    const bool alone = founder && sums.size(own) < 2;
    const double evidence =
        alone ? threshold - other : sums.MeanScoreOf(item, own, founder) - std::max(other, threshold);
    answer->confidence[item] =
        std::clamp(static_cast<float>(1 / (1 + std::exp(-evidence))), kLeastSure, kMostSure);
  }
}

}  // namespace

Result<std::vector<int>> DivideForbidden(const Ground& ground, const std::vector<int>& cluster_of) {
  std::vector<char> divide;
  if (!FindForbidden(ground, cluster_of, &divide)) return cluster_of;
  // Their nodes stand alone at first and may link to others of their old cluster only; all others stay put.
  std::vector<int> start(cluster_of), old_of_start;
  int next = static_cast<int>(divide.size());
  for (int& cluster : start) cluster = divide[cluster] ? next++ : cluster;
  start = NumberByFirst(start);
  old_of_start.resize(static_cast<size_t>(CountClusters(start)));
  for (int node = 0; node < ground.count(); ++node) old_of_start[start[node]] = cluster_of[node];
  ClusterSums sums(ground.nodes(), ground.sizes(), ground.rule(), start, CountClusters(start));
  // Gains are never negative, whatever the scores: a method that put them together had its reasons.
  const GraphLinkage linkage{.gain =
                                 [&](int a, int b) {
                                   if (old_of_start[a] != old_of_start[b]) return kNever;
                                   return 1 / (1 + std::exp(-sums.MeanScore(a, b) / 8));
                                 },
                             .merged = [&](int kept, int gone) { sums.Merge(kept, gone); }};
  return MergeOverGraph(ground, ground.graph(), start, linkage);
}

Result<ClusterAnswer> FindPersons(const ClusterProblem& problem, const ScoreRule& rule,
                                  const ClusterOptions& options, const Partitioner& partitioner) {
  CROSSFACE_RETURN_IF_ERROR(problem.Check());
  CROSSFACE_ASSIGN_OR_RETURN(
      const ConstraintGroups groups,
      ConstraintGroups::Create(problem.items, problem.must_links, problem.cannot_links, problem.partings));
  CROSSFACE_ASSIGN_OR_RETURN(const Ground ground, Ground::Make(problem, rule, options, groups));
  ClusterAnswer answer{
      .person_of = std::vector<int>(static_cast<size_t>(problem.items), -1),
      .confidence = std::vector<float>(static_cast<size_t>(problem.items), 0.0f),
      .reason = std::vector<UnassignedReason>(static_cast<size_t>(problem.items), UnassignedReason::kAlone)};
  if (ground.count() == 0) return answer;

  CROSSFACE_ASSIGN_OR_RETURN(std::vector<int> cluster_of, partitioner(ground));
  CROSSFACE_ASSIGN_OR_RETURN(cluster_of, DivideForbidden(ground, NumberByFirst(cluster_of)));
  const int persons = CountClusters(cluster_of);
  const double rate = FalseMatchRate(options.profile, persons + options.persons_elsewhere);
  const double threshold = rule.threshold_for(rate);
  const double join_rate = std::min(
      kJoinRelief * rate, LoneMatchRate(options.profile, CountLone(cluster_of) + options.persons_elsewhere));
  answer.person_of = LiftToItems(ground, groups, cluster_of, problem.items);
  CROSSFACE_ASSIGN_OR_RETURN(const PersonFounders founders,
                             JoinPersons(problem, ground, groups, persons, rule.threshold_for(join_rate),
                                         &answer.person_of, &answer.reason));
  // Numbered by first item; those that joined may come before their founders.
  std::vector<int> number(static_cast<size_t>(persons), -1);
  for (int& person : answer.person_of) {
    if (person < 0) continue;
    if (number[person] < 0) number[person] = answer.persons++;
    person = number[person];
  }
  PersonFounders renumbered = founders;
  for (int& person : renumbered.person_of) person = person < 0 ? person : number[person];
  for (int node = 0; node < ground.count(); ++node)
    cluster_of[node] = answer.person_of[ground.founders(node).front()];
  FillConfidence(problem, groups, renumbered, threshold, &answer);
  CROSSFACE_RETURN_IF_ERROR(Suggest(ground, cluster_of, threshold, &answer));
  return answer;
}

}  // namespace crossface
