#include "crossface/cluster/incremental.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "crossface/cluster/average_linkage.h"
#include "crossface/cluster/false_match_rate.h"

namespace crossface {
namespace {

class Touch {
 public:
  Touch(const ClusterProblem& problem, const std::vector<int>& before)
      : problem_(problem), before_(before), touched_(before.size()) {
    for (size_t item = 0; item < before.size(); ++item) {
      if (before[item] == kNew) added_.push_back(static_cast<int>(item));
    }
  }

  // Errors: kInterrupted.
  Result<std::vector<int>> Items(const ScoreRule& rule, const ClusterOptions& options) {
    for (const int item : added_) touched_[item] = 1;
    CROSSFACE_RETURN_IF_ERROR(ByNeighbours(rule, options));
    for (const auto& [a, b] : problem_.must_links) {
      if (before_[a] != before_[b] || before_[a] == kUnassigned) Both(a, b);
    }
    for (const auto& [a, b] : problem_.cannot_links) {
      const bool broken = before_[a] == before_[b] && before_[a] >= 0;
      if (broken || before_[a] == kNew || before_[b] == kNew) Both(a, b);
    }
    std::vector<int> items;
    for (size_t item = 0; item < before_.size(); ++item) {
      if (touched_[item] || persons_.contains(before_[item])) items.push_back(static_cast<int>(item));
    }
    return items;
  }

 private:
  void Add(int item) {
    touched_[item] = 1;
    if (before_[item] >= 0) persons_.insert(before_[item]);
  }
  void Both(int a, int b) {
    Add(a);
    Add(b);
  }

  Status ByNeighbours(const ScoreRule& rule, const ClusterOptions& options) {
    std::vector<int> queries, targets;
    for (int item = 0; item < problem_.items; ++item) {
      if (!HasTemplate(problem_, item)) continue;
      if (before_[item] == kNew) {
        queries.push_back(item);
      } else {
        targets.push_back(item);
      }
    }
    if (queries.empty() || targets.empty()) return {};
    CROSSFACE_ASSIGN_OR_RETURN(
        const NeighbourGraph graph,
        NeighbourGraph::Search(problem_, queries, targets, rule,
                               {.exact_up_to = options.exact_neighbours_up_to,
                                .least = rule.threshold_for(kMostRelief * Rate(options)),
                                .keep_going = options.keep_going}));
    for (int query = 0; query < graph.nodes(); ++query) {
      for (const auto& edge : graph.of(query)) Add(edge.node);
    }
    return {};
  }

  // That of the case as it was.
  double Rate(const ClusterOptions& options) const {
    const std::set<int> persons(before_.begin(), before_.end());
    return FalseMatchRate(options.profile, static_cast<int>(persons.size()));
  }

  const ClusterProblem& problem_;
  const std::vector<int>& before_;
  std::vector<int> added_;
  std::vector<char> touched_;
  std::set<int> persons_;
};

// The given items alone, renumbered; constraints among them only.
ClusterProblem Part(const ClusterProblem& problem, const std::vector<int>& items,
                    const std::vector<int>& place) {
  ClusterProblem part{.items = static_cast<int>(items.size())};
  for (const int item : items) {
    part.quality.push_back(problem.quality[item]);
    part.may_form.push_back(problem.may_form[item]);
  }
  for (const TemplateMatrix& matrix : problem.templates) {
    TemplateMatrix own{.model = matrix.model, .dimensions = matrix.dimensions};
    for (const int item : items) {
      own.rows.insert(own.rows.end(), matrix.row(item), matrix.row(item) + matrix.dimensions);
      own.present.push_back(matrix.present[item]);
    }
    part.templates.push_back(std::move(own));
  }
  const auto keep = [&](const std::vector<std::pair<int, int>>& links) {
    std::vector<std::pair<int, int>> kept;
    for (const auto& [a, b] : links) {
      if (place[a] >= 0 && place[b] >= 0) kept.emplace_back(place[a], place[b]);
    }
    return kept;
  };
  part.must_links = keep(problem.must_links);
  part.cannot_links = keep(problem.cannot_links);
  return part;
}

// Persons of the whole, numbered by first item: those that stay, and those of the part.
ClusterAnswer Whole(const std::vector<int>& before, const std::vector<int>& place,
                    const ClusterAnswer& part) {
  const size_t items = before.size();
  const int old = items == 0 ? 0 : std::max(0, *std::max_element(before.begin(), before.end()) + 1);
  std::vector<int> number_of_old(static_cast<size_t>(old), -1),
      number_of_part(static_cast<size_t>(part.persons), -1);
  ClusterAnswer whole;
  whole.person_of.assign(items, kUnassigned);
  whole.confidence.assign(items, -1.0f);
  for (size_t item = 0; item < items; ++item) {
    const bool anew = place[item] >= 0;
    const int person = anew ? part.person_of[static_cast<size_t>(place[item])] : before[item];
    if (anew) whole.confidence[item] = part.confidence[static_cast<size_t>(place[item])];
    if (person < 0) continue;
    int& number = (anew ? number_of_part : number_of_old)[static_cast<size_t>(person)];
    if (number < 0) number = whole.persons++;
    whole.person_of[item] = number;
  }
  std::vector<int> items_of_part(
      static_cast<size_t>(std::count_if(place.begin(), place.end(), [](int p) { return p >= 0; })));
  for (size_t item = 0; item < items; ++item) {
    if (place[item] >= 0) items_of_part[static_cast<size_t>(place[item])] = static_cast<int>(item);
  }
  whole.cohesion.assign(static_cast<size_t>(whole.persons), std::numeric_limits<float>::quiet_NaN());
  for (size_t person = 0; person < part.cohesion.size(); ++person)
    whole.cohesion[static_cast<size_t>(number_of_part[person])] = part.cohesion[person];
  whole.suggestions = part.suggestions;
  for (ClusterSuggestion& suggestion : whole.suggestions) {
    suggestion.person = number_of_part[static_cast<size_t>(suggestion.person)];
    if (suggestion.other >= 0) suggestion.other = number_of_part[static_cast<size_t>(suggestion.other)];
    for (int& item : suggestion.items) item = items_of_part[static_cast<size_t>(item)];
  }
  return whole;
}

}  // namespace

Result<ClusterAnswer> ClusterIncrementally(const ClusterProblem& problem, const ScoreRule& rule,
                                           const ClusterOptions& options, const Partitioner& partitioner,
                                           const std::vector<int>& before) {
  CROSSFACE_RETURN_IF_ERROR(problem.Check());
  if (static_cast<int>(before.size()) != problem.items) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{} items, but the persons of {}", problem.items, before.size()));
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> items, Touch(problem, before).Items(rule, options));
  if (items.size() * 2 > before.size()) return FindPersons(problem, rule, options, partitioner);
  std::vector<int> place(before.size(), -1);
  for (size_t i = 0; i < items.size(); ++i) place[static_cast<size_t>(items[i])] = static_cast<int>(i);
  std::set<int> elsewhere;
  for (size_t item = 0; item < before.size(); ++item) {
    if (place[item] < 0 && before[item] >= 0) elsewhere.insert(before[item]);
  }
  ClusterOptions of_part = options;
  of_part.persons_elsewhere += static_cast<int>(elsewhere.size());
  CROSSFACE_ASSIGN_OR_RETURN(const ClusterAnswer part,
                             FindPersons(Part(problem, items, place), rule, of_part, partitioner));
  return Whole(before, place, part);
}

}  // namespace crossface
