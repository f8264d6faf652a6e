#include "crossface/cluster/persons/incremental.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "crossface/cluster/graph/constraints.h"
#include "crossface/cluster/graph/false_match_rate.h"
#include "crossface/cluster/graph/union_find.h"
#include "crossface/cluster/methods/average_linkage.h"

namespace crossface {
namespace {

using Links = std::vector<std::pair<int, int>>;

// The part of a case that is grouped, and what of the case stands for what.
class Part {
 public:
  Part(const ClusterProblem& problem, const std::vector<int>& before, const std::set<int>& changed)
      : problem_(problem),
        before_(before),
        free_(before.size()),
        place_(before.size(), -1),
        changed_(changed) {
    for (size_t item = 0; item < before.size(); ++item) {
      free_[item] = before[item] == kNew;
      if (before[item] >= 0) persons_.insert(before[item]);
      if (changed.contains(before[item])) touched_.insert(before[item]);
    }
  }

  // Empty where more is touched than a part may hold. Errors: kInterrupted.
  Result<ClusterProblem> Make(const ScoreRule& rule, const ClusterOptions& options) {
    CROSSFACE_RETURN_IF_ERROR(TouchNeighbours(rule, options));
    TouchLinked();
    if (touched_.size() > kMostTouched) return ClusterProblem();
    Gather();
    for (const auto& [person, items] : members_) {
      for (const int item : items) part_.must_links.emplace_back(place_[items.front()], place_[item]);
    }
    Lift(problem_.must_links, &part_.must_links);
    Lift(problem_.cannot_links, &part_.cannot_links);
    for (const Parting& parting : problem_.partings) Lift(parting);
    KeepApart();
    return std::move(part_);
  }

  size_t touched() const { return touched_.size(); }

  int PersonsElsewhere() const { return static_cast<int>(persons_.size() - touched_.size()); }

  // Persons of the whole, numbered by first item.
  ClusterAnswer Whole(const ClusterAnswer& part) const {
    ClusterAnswer whole{.person_of = std::vector<int>(before_.size(), kUnassigned),
                        .confidence = std::vector<float>(before_.size(), -1.0f),
                        .reason = std::vector<UnassignedReason>(before_.size(), UnassignedReason::kNone)};
    std::map<std::pair<bool, int>, int> numbers;  // (of the part, number there or before)
    for (size_t item = 0; item < before_.size(); ++item) {
      const int place = PlaceOf(static_cast<int>(item));
      const int person = place >= 0 ? part.person_of[place] : before_[item];
      if (free_[item]) {
        whole.confidence[item] = part.confidence[place];
        whole.reason[item] = part.reason[place];
      }
      if (person < 0) continue;
      const auto [number, added] = numbers.try_emplace({place >= 0, person}, whole.persons);
      whole.persons += added;
      whole.person_of[item] = number->second;
    }
    return whole;
  }

 private:
  void Touch(int item) {
    if (before_[item] >= 0) {
      touched_.insert(before_[item]);
    } else {
      free_[item] = 1;
    }
  }

  // Of a person's items the kMostRepresentatives best, the best first.
  void KeepBest(std::vector<int>* own) const {
    const size_t kept = std::min(own->size(), kMostRepresentatives);
    std::partial_sort(own->begin(), own->begin() + static_cast<ptrdiff_t>(kept), own->end(),
                      [&](int x, int y) {
                        return std::tuple(!problem_.may_form[x], -problem_.quality[x], x) <
                               std::tuple(!problem_.may_form[y], -problem_.quality[y], y);
                      });
    own->resize(kept);
  }

  Status TouchNeighbours(const ScoreRule& rule, const ClusterOptions& options) {
    std::vector<int> queries, targets;
    std::map<int, std::vector<int>> of_changed;
    for (int item = 0; item < problem_.items; ++item) {
      if (!HasTemplate(problem_, item)) continue;
      if (changed_.contains(before_[item])) {
        of_changed[before_[item]].push_back(item);
      } else {
        (before_[item] == kNew ? queries : targets).push_back(item);
      }
    }
    for (auto& [person, own] : of_changed) {
      KeepBest(&own);
      queries.insert(queries.end(), own.begin(), own.end());
    }
    std::sort(queries.begin(), queries.end());
    if (queries.empty() || targets.empty()) return {};
    const double rate = kMostRelief * FalseMatchRate(options.profile, static_cast<int>(persons_.size()));
    CROSSFACE_ASSIGN_OR_RETURN(const NeighbourGraph graph,
                               NeighbourGraph::Search(problem_, queries, targets, rule,
                                                      {.exact_up_to = options.exact_neighbours_up_to,
                                                       .least = rule.threshold_for(rate),
                                                       .products = options.products.get(),
                                                       .progress = options.progress,
                                                       .stop = options.stop}));
    for (int query = 0; query < graph.nodes(); ++query) {
      for (const auto& edge : graph.of(query)) Touch(edge.node);
    }
    return {};
  }

  void TouchLinked() {
    for (const auto& [a, b] : problem_.must_links) {
      if (before_[a] == before_[b] && before_[a] >= 0) continue;
      Touch(a);
      Touch(b);
    }
    for (const auto& [a, b] : problem_.cannot_links) {
      if (before_[a] != before_[b] || before_[a] < 0) continue;
      Touch(a);
      dissolved_.insert(before_[a]);
    }
    for (const Parting& parting : problem_.partings) TouchParted(parting);
  }

  // A person who stands on two sides is grouped anew.
  void TouchParted(const Parting& parting) {
    std::unordered_map<int, size_t> side_of;
    for (size_t side = 0; side < parting.size(); ++side) {
      for (const int item : parting[side]) {
        if (before_[item] < 0 || side_of.try_emplace(before_[item], side).first->second == side) continue;
        Touch(item);
        dissolved_.insert(before_[item]);
      }
    }
  }

  void Gather() {
    for (size_t item = 0; item < before_.size(); ++item) {
      if (dissolved_.contains(before_[item])) free_[item] = 1;
      if (!free_[item] && touched_.contains(before_[item]))
        members_[before_[item]].push_back(static_cast<int>(item));
    }
    std::vector<int> items;
    for (size_t item = 0; item < before_.size(); ++item) {
      if (free_[item]) items.push_back(static_cast<int>(item));
    }
    for (auto& [person, own] : members_) {
      KeepBest(&own);
      items.insert(items.end(), own.begin(), own.end());
    }
    std::sort(items.begin(), items.end());
    part_.items = static_cast<int>(items.size());
    for (const TemplateMatrix& matrix : problem_.templates)
      part_.templates.push_back({.model = matrix.model, .dimensions = matrix.dimensions});
    for (const int item : items) {
      place_[item] = static_cast<int>(part_.quality.size());
      part_.quality.push_back(problem_.quality[item]);
      part_.cohort.push_back(problem_.FactsOf(item).cohort);
      part_.may_form.push_back(problem_.may_form[item]);
      for (size_t m = 0; m < part_.templates.size(); ++m) {
        const TemplateMatrix& matrix = problem_.templates[m];
        TemplateMatrix& own = part_.templates[m];
        own.rows.insert(own.rows.end(), matrix.row(item), matrix.row(item) + matrix.dimensions);
        own.present.push_back(matrix.present[item]);
      }
    }
  }

  // Persons who were there, unless a must-link joins them.
  void KeepApart() {
    UnionFind sets(part_.items);
    for (const auto& [a, b] : part_.must_links) sets.Join(a, b);
    std::map<int, std::vector<int>> joined;
    for (const auto& [person, own] : members_)
      joined[sets.Find(place_[own.front()])].push_back(place_[own.front()]);
    Parting& parting = part_.partings.emplace_back();
    for (auto& [root, side] : joined) parting.push_back(std::move(side));
  }

  // -1 where an item is in no part of it. An item of a person stands for the person.
  int PlaceOf(int item) const {
    if (free_[item]) return place_[item];
    const auto own = members_.find(before_[item]);
    return own == members_.end() ? -1 : place_[own->second.front()];
  }

  void Lift(const Links& links, Links* lifted) const {
    for (const auto& [a, b] : links) {
      const int x = PlaceOf(a), y = PlaceOf(b);
      if (x >= 0 && y >= 0 && x != y) lifted->emplace_back(x, y);
    }
  }

  void Lift(const Parting& parting) {
    Parting lifted;
    for (const auto& side : parting) {
      std::vector<int> places;
      for (const int item : side) {
        if (const int place = PlaceOf(item); place >= 0) places.push_back(place);
      }
      std::sort(places.begin(), places.end());  // a person's items are one place
      places.erase(std::unique(places.begin(), places.end()), places.end());
      if (!places.empty()) lifted.push_back(std::move(places));
    }
    if (lifted.size() > 1) part_.partings.push_back(std::move(lifted));
  }

  const ClusterProblem& problem_;
  const std::vector<int>& before_;
  std::vector<char> free_;  // items that are grouped one by one
  std::vector<int> place_;  // in the part
  const std::set<int>& changed_;
  std::set<int> persons_, touched_, dissolved_;
  std::map<int, std::vector<int>> members_;  // touched person -> its representatives, the best first
  ClusterProblem part_;
};

}  // namespace

Result<ClusterAnswer> ClusterIncrementally(const ClusterProblem& problem, const ScoreRule& rule,
                                           const ClusterOptions& options, const Partitioner& partitioner,
                                           const std::vector<int>& before, const std::set<int>& changed) {
  CROSSFACE_RETURN_IF_ERROR(problem.Check());
  if (static_cast<int>(before.size()) != problem.items) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{} items, but the persons of {}", problem.items, before.size()));
  }
  Part part(problem, before, changed);
  CROSSFACE_ASSIGN_OR_RETURN(const ClusterProblem part_problem, part.Make(rule, options));
  if (part.touched() > kMostTouched) return FindPersons(problem, rule, options, partitioner);
  if (part_problem.items == 0) return part.Whole({});
  // A person who is one group here may hold one track that a new one must be with, and another that it may
  // not.
  const bool holds = ConstraintGroups::Create(part_problem.items, part_problem.must_links,
                                              part_problem.cannot_links, part_problem.partings)
                         .ok();
  if (!holds) return FindPersons(problem, rule, options, partitioner);
  ClusterOptions of_part = options;
  of_part.persons_elsewhere += part.PersonsElsewhere();
  CROSSFACE_ASSIGN_OR_RETURN(const ClusterAnswer answer,
                             FindPersons(part_problem, rule, of_part, partitioner));
  return part.Whole(answer);
}

}  // namespace crossface
