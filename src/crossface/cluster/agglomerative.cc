#include "crossface/cluster/agglomerative.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "crossface/cluster/constraints.h"
#include "crossface/cluster/linkage.h"
#include "crossface/cluster/merge_rule.h"
#include "crossface/cluster/person_affinity.h"

namespace crossface {
namespace {

// Chains of scores are followed down to the threshold that one different pair in a hundred reaches; no
// MergeRule goes lower.
constexpr double kForestRate = 1e-2;

class Agglomeration {
 public:
  Agglomeration(const ClusterProblem& problem, const ScoreRule& rule, const ClusterOptions& options,
                ConstraintGroups groups)
      : problem_(problem),
        rule_(rule),
        options_(options),
        groups_(std::move(groups)),
        scores_(problem, rule),
        person_of_group_(groups_.count(), -1) {}

  Result<ClusterAnswer> Run() {
    FindFounders();
    if (founders_.empty()) {
      return ClusterAnswer{.person_of = std::vector<int>(problem_.items, -1),
                           .confidence = std::vector<float>(problem_.items, 0.0f),
                           .persons = 0};
    }
    CROSSFACE_ASSIGN_OR_RETURN(SpanningForest forest, BuildForest());
    CROSSFACE_ASSIGN_OR_RETURN(const MergeRule merge_rule, FormPersonsWithinBudget(&forest));
    CROSSFACE_RETURN_IF_ERROR(JoinTheOthers(merge_rule));
    return Answer(merge_rule);
  }

 private:
  bool HasTemplate(int item) const {
    return std::any_of(problem_.templates.begin(), problem_.templates.end(),
                       [item](const TemplateMatrix& matrix) { return matrix.present[item] != 0; });
  }

  void FindFounders() {
    founders_of_group_.resize(groups_.count());
    for (int item = 0; item < problem_.items; ++item) {
      if (!problem_.may_form[item] || !HasTemplate(item)) continue;
      founders_.push_back(item);
      founders_of_group_[groups_.group_of(item)].push_back(item);
    }
  }

  Result<SpanningForest> BuildForest() {
    SpanningForest forest(groups_.count());
    const float floor = rule_.threshold_for(kForestRate);
    CROSSFACE_RETURN_IF_ERROR(ForEachBlock(scores_, founders_, options_.keep_going,
                                           [&](size_t row, size_t column, const std::vector<float>& block) {
                                             const size_t width =
                                                 std::min<size_t>(kScoreBlock, founders_.size() - column);
                                             for (size_t i = 0; i < block.size(); ++i) {
                                               if (block[i] < floor) continue;
                                               const int a = groups_.group_of(founders_[row + i / width]);
                                               const int b = groups_.group_of(founders_[column + i % width]);
                                               if (a != b && groups_.MayJoin(a, b))
                                                 forest.Add({std::min(a, b), std::max(a, b), block[i]});
                                             }
                                           }));
    return forest;
  }

  MergeRule RuleAt(double false_match_rate) const {
    return MergeRule(rule_, problem_.templates.size(), false_match_rate);
  }

  // Persons at the loosest rule there is tell about how many people could be mistaken for each other; when
  // that asks for a stricter rule, persons are formed anew by that one. Returns the rule that formed them.
  Result<MergeRule> FormPersonsWithinBudget(SpanningForest* forest) {
    const MergeRule loosest = RuleAt(MergeRule::kLargestRate);
    CROSSFACE_RETURN_IF_ERROR(FormPersons(loosest, forest));
    const double pairs = std::max(1.0, 0.5 * persons_ * (persons_ - 1.0));
    const double rate = ExpectedWrongLinks(options_.profile) / pairs;
    if (rate >= MergeRule::kLargestRate) return loosest;
    const MergeRule stricter = RuleAt(rate);
    CROSSFACE_RETURN_IF_ERROR(FormPersons(stricter, forest));
    return stricter;
  }

  // Nothing below the lowest threshold can be merged, so what no chain of scores above it connects is linked
  // apart.
  Status FormPersons(const MergeRule& merge_rule, SpanningForest* forest) {
    const std::vector<int> component = forest->ComponentsAt(static_cast<float>(merge_rule.LowestThreshold()));
    std::map<int, std::vector<int>> members;  // component -> groups with founders
    persons_ = 0;
    for (int group = 0; group < groups_.count(); ++group) {
      if (!founders_of_group_[group].empty()) members[component[group]].push_back(group);
    }
    for (const auto& [number, groups] : members) {
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int> cluster, LinkComponent(merge_rule, groups));
      int clusters = 0;
      for (size_t i = 0; i < groups.size(); ++i) {
        person_of_group_[groups[i]] = persons_ + cluster[i];
        clusters = std::max(clusters, cluster[i] + 1);
      }
      persons_ += clusters;
    }
    return {};
  }

  Result<std::vector<int>> LinkComponent(const MergeRule& merge_rule, const std::vector<int>& groups) const {
    if (groups.size() == 1) return std::vector<int>{0};
    CROSSFACE_ASSIGN_OR_RETURN(Linkage linkage, Linkage::Create(static_cast<int>(groups.size())));
    CROSSFACE_RETURN_IF_ERROR(FillLinkage(groups, &linkage));
    return linkage.Run(merge_rule, options_.keep_going);
  }

  Status FillLinkage(const std::vector<int>& groups, Linkage* linkage) const {
    std::vector<int> items, node_of;
    for (size_t node = 0; node < groups.size(); ++node) {
      for (const int item : founders_of_group_[groups[node]]) {
        items.push_back(item);
        node_of.push_back(static_cast<int>(node));
      }
    }
    std::vector<double> within(groups.size());
    const auto size = [&](int node) { return static_cast<float>(founders_of_group_[groups[node]].size()); };
    CROSSFACE_RETURN_IF_ERROR(ForEachBlock(
        scores_, items, options_.keep_going, [&](size_t row, size_t column, const std::vector<float>& block) {
          const size_t width = std::min<size_t>(kScoreBlock, items.size() - column);
          for (size_t i = 0; i < block.size(); ++i) {
            const size_t x = row + i / width, y = column + i % width;
            if (x >= y) continue;  // the diagonal blocks hold every pair twice
            const int a = node_of[x], b = node_of[y];
            if (a == b) {
              within[a] += block[i];
            } else {
              linkage->AddMean(a, b, block[i] / (size(a) * size(b)));
            }
          }
        }));
    std::map<int, int> node_of_group;
    for (size_t node = 0; node < groups.size(); ++node) {
      linkage->SetNode(static_cast<int>(node), size(static_cast<int>(node)), within[node]);
      node_of_group[groups[node]] = static_cast<int>(node);
    }
    for (const int group : groups) {
      for (const int other : groups_.apart(group)) {
        const auto found = node_of_group.find(other);
        if (found != node_of_group.end()) linkage->Forbid(node_of_group[group], found->second);
      }
    }
    return {};
  }

  PersonMembers Members() const {
    PersonMembers members{.items = founders_, .person = {}, .persons = persons_};
    for (const int founder : founders_) members.person.push_back(person_of_group_[groups_.group_of(founder)]);
    return members;
  }

  struct Candidate {
    int group, person;
    double score;
  };

  Status JoinTheOthers(const MergeRule& merge_rule) {
    std::vector<int> waiting;
    std::vector<std::vector<int>> units;
    for (int group = 0; group < groups_.count(); ++group) {
      if (person_of_group_[group] >= 0) continue;
      std::vector<int> items;
      for (const int item : groups_.members(group)) {
        if (HasTemplate(item)) items.push_back(item);
      }
      if (items.empty()) continue;
      waiting.push_back(group);
      units.push_back(std::move(items));
    }
    std::vector<Candidate> candidates;
    const double lowest = merge_rule.SingleThreshold() - kJoinMargin;
    CROSSFACE_RETURN_IF_ERROR(ForEachAffinity(scores_, units, Members(), options_.keep_going,
                                              [&](size_t unit, std::span<const Affinity> affinities) {
                                                for (int person = 0; person < persons_; ++person) {
                                                  const double score = affinities[person].BestMean();
                                                  if (score >= lowest)
                                                    candidates.push_back({waiting[unit], person, score});
                                                }
                                              }));
    Assign(std::move(candidates), merge_rule.SingleThreshold());
    return {};
  }

  // Best score first, so that of two tracks that exclude each other the better one gets the person.
  void Assign(std::vector<Candidate> candidates, double threshold) {
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& x, const Candidate& y) {
      return std::tuple(-x.score, x.group, x.person) < std::tuple(-y.score, y.group, y.person);
    });
    std::map<int, std::vector<Candidate>> by_group;  // falling scores
    for (const Candidate& candidate : candidates) by_group[candidate.group].push_back(candidate);
    for (const Candidate& candidate : candidates) {
      if (candidate.score < threshold || person_of_group_[candidate.group] >= 0) continue;
      if (!MayBeWith(candidate.group, candidate.person)) continue;
      const bool rival = std::any_of(
          by_group[candidate.group].begin(), by_group[candidate.group].end(), [&](const Candidate& other) {
            return other.person != candidate.person && other.score > candidate.score - kJoinMargin &&
                   MayBeWith(other.group, other.person);
          });
      if (!rival) person_of_group_[candidate.group] = candidate.person;
    }
  }

  bool MayBeWith(int group, int person) const {
    return std::none_of(groups_.apart(group).begin(), groups_.apart(group).end(),
                        [&](int other) { return person_of_group_[other] == person; });
  }

  Result<ClusterAnswer> Answer(const MergeRule& merge_rule) {
    ClusterAnswer answer;
    answer.person_of.assign(problem_.items, -1);
    answer.confidence.assign(problem_.items, 0);
    std::vector<int> number(persons_, -1);
    std::vector<std::vector<int>> assigned;
    for (int item = 0; item < problem_.items; ++item) {
      const int person = person_of_group_[groups_.group_of(item)];
      if (person < 0) continue;
      if (number[person] < 0) number[person] = answer.persons++;
      answer.person_of[item] = number[person];
      answer.confidence[item] = 1;
      if (HasTemplate(item)) assigned.push_back({item});
    }
    const double lowest = merge_rule.LowestThreshold();
    CROSSFACE_RETURN_IF_ERROR(ForEachAffinity(
        scores_, assigned, Members(), options_.keep_going,
        [&](size_t unit, std::span<const Affinity> affinities) {
          const int item = assigned[unit].front();
          const int own = person_of_group_[groups_.group_of(item)];
          double other = -std::numeric_limits<double>::infinity();
          for (int person = 0; person < persons_; ++person) {
            if (person != own) other = std::max(other, affinities[person].Mean());
          }
          const double evidence =
              affinities[own].pairs > 0 ? affinities[own].Mean() - std::max(other, lowest) : lowest - other;
          answer.confidence[item] = static_cast<float>(1 / (1 + std::exp(-evidence)));
        }));
    return answer;
  }

  const ClusterProblem& problem_;
  const ScoreRule& rule_;
  const ClusterOptions& options_;
  const ConstraintGroups groups_;
  const PairScores scores_;
  std::vector<int> founders_;  // items that may form a person, rising
  std::vector<std::vector<int>> founders_of_group_;
  std::vector<int> person_of_group_;
  int persons_ = 0;
};

class AgglomerativeClusterer : public Clusterer {
 public:
  explicit AgglomerativeClusterer(const ClusterOptions& options) : options_(options) {}
  std::string name() const override { return kAgglomerative; }

  Result<ClusterAnswer> Cluster(const ClusterProblem& problem, const PairScorer& scorer) const override {
    std::vector<std::string> models;
    for (const TemplateMatrix& matrix : problem.templates) models.push_back(matrix.model);
    if (models != scorer.models()) {
      return Status(StatusCode::kInvalidArgument,
                    fmt::format("templates are of {}, but the scorer is for {}", fmt::join(models, "+"),
                                fmt::join(scorer.models(), "+")));
    }
    return ClusterAgglomeratively(problem, RuleOf(scorer), options_);
  }

 private:
  const ClusterOptions options_;
};

}  // namespace

double ExpectedWrongLinks(Profile profile) {
  switch (profile) {
    case Profile::kStrict:
      return 0.01;
    case Profile::kBalanced:
      return 0.1;
    case Profile::kLoose:
      return 1;
  }
  throw std::logic_error("ExpectedWrongLinks: no such profile");
}

std::unique_ptr<Clusterer> MakeAgglomerativeClusterer(const ClusterOptions& options) {
  return std::make_unique<AgglomerativeClusterer>(options);
}

Result<ClusterAnswer> ClusterAgglomeratively(const ClusterProblem& problem, const ScoreRule& rule,
                                             const ClusterOptions& options) {
  CROSSFACE_RETURN_IF_ERROR(problem.Check());
  CROSSFACE_ASSIGN_OR_RETURN(
      ConstraintGroups groups,
      ConstraintGroups::Create(problem.items, problem.must_links, problem.cannot_links));
  return Agglomeration(problem, rule, options, std::move(groups)).Run();
}

}  // namespace crossface
