#include "crossface/grouping/name_by_reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "crossface/cluster/graph/cluster_sums.h"
#include "crossface/cluster/graph/cohort.h"
#include "crossface/cluster/graph/ground.h"
#include "crossface/cluster/graph/problem_items.h"
#include "crossface/cluster/methods/average_linkage.h"
#include "crossface/curation/curation_plan.h"
#include "crossface/gallery/file_name.h"

namespace crossface {
namespace {

using Pairs = std::set<std::pair<int, int>>;

std::vector<std::vector<int>> TracksOf(const ClusterProblem& problem, const std::vector<int>& person_of,
                                       size_t persons) {
  std::vector<std::vector<int>> good(persons), all(persons);
  for (int item = 0; item < problem.items; ++item) {
    if (person_of[item] < 0 || !HasTemplate(problem, item)) continue;
    all[person_of[item]].push_back(item);
    if (problem.may_form[item]) good[person_of[item]].push_back(item);
  }
  for (size_t person = 0; person < persons; ++person) {
    if (good[person].empty()) good[person] = std::move(all[person]);
  }
  return good;
}

// Persons with tracks on the screen together.
Pairs SeenTogether(const ClusterProblem& problem, const std::vector<int>& person_of) {
  Pairs together;
  for (const auto& [a, b] : problem.cannot_links) {
    if (person_of[a] >= 0 && person_of[b] >= 0) together.insert(std::minmax(person_of[a], person_of[b]));
  }
  return together;
}

bool IsNamedByUser(const PersonRecord& person) {
  return !person.name.empty() && !person.by_reference && !HasOwnName(person.id, person.name);
}

void DropNamesByReference(std::vector<PersonRecord>* persons) {
  for (PersonRecord& person : *persons) {
    if (!person.by_reference) continue;
    person.by_reference = false;
    person.name.clear();
  }
}

using ModelKey = std::pair<std::string, std::string>;  // name and SHA-256

// Those of the last vector by this model; 0 where there is none.
int DimensionsOf(const std::vector<ReferenceFace>& references, const ModelKey& model) {
  int dimensions = 0;
  for (const ReferenceFace& face : references) {
    for (const FaceEmbedding& vector : face.vectors)
      if (std::pair(vector.model, vector.model_sha256) == model)
        dimensions = static_cast<int>(vector.vector.size());
  }
  return dimensions;
}

// Empty where the face has none by this model of so many dimensions.
std::vector<float> VectorOf(const ReferenceFace& face, const ModelKey& model, int dimensions) {
  for (const FaceEmbedding& vector : face.vectors)
    if (std::pair(vector.model, vector.model_sha256) == model &&
        static_cast<int>(vector.vector.size()) == dimensions)
      return vector.vector;
  return {};
}

}  // namespace

ReferenceNaming::ReferenceNaming(const std::vector<ReferenceFace>& references,
                                 const std::vector<std::pair<std::string, std::string>>& models) {
  for (const auto& [model, sha256] : models)
    faces_.templates.push_back({.model = model, .dimensions = DimensionsOf(references, {model, sha256})});
  std::map<std::string, int> known;
  for (const ReferenceFace& face : references) {
    const auto [name, added] = known.try_emplace(CaseFolded(face.name), static_cast<int>(names_.size()));
    if (added) {
      names_.push_back(face.name);
      faces_of_.emplace_back();
    }
    faces_of_[name->second].push_back(faces_.items);
    std::vector<std::vector<float>> vectors(models.size());
    for (size_t m = 0; m < models.size(); ++m)
      vectors[m] = VectorOf(face, models[m], faces_.templates[m].dimensions);
    AddItem(vectors, face.quality, face.evidence, &faces_);
    faces_.cohort.push_back(LeastCohort(face.evidence));
  }
}

std::vector<ReferenceNaming::Match> ReferenceNaming::MatchesOf(
    const ClusterProblem& problem, const ScoreRule& rule, Profile profile,
    const std::vector<std::vector<int>>& tracks_of) const {
  ClusterProblem nodes = MeansOf(problem, tracks_of);
  const ClusterProblem names = MeansOf(faces_, faces_of_);
  for (size_t m = 0; m < nodes.templates.size(); ++m) {
    TemplateMatrix& own = nodes.templates[m];
    const TemplateMatrix& theirs = names.templates[m];
    if (theirs.dimensions == own.dimensions) {
      own.rows.insert(own.rows.end(), theirs.rows.begin(), theirs.rows.end());
      own.present.insert(own.present.end(), theirs.present.begin(), theirs.present.end());
    } else {
      own.rows.resize(own.rows.size() + names_.size() * static_cast<size_t>(own.dimensions));
      own.present.resize(own.present.size() + names_.size());
    }
  }
  nodes.items += names.items;
  nodes.quality.insert(nodes.quality.end(), names.quality.begin(), names.quality.end());
  nodes.cohort.insert(nodes.cohort.end(), names.cohort.begin(), names.cohort.end());
  std::vector<int> sizes;
  for (const auto* lists : {&tracks_of, &faces_of_}) {
    for (const auto& list : *lists) sizes.push_back(static_cast<int>(list.size()));
  }
  const auto persons = static_cast<int>(tracks_of.size());
  const LinkageRule linkage = RuleFor(rule, profile, nodes.items);
  const ClusterSums sums(nodes, sizes, rule);
  std::vector<Match> matches;
  for (int name = 0; name < static_cast<int>(names_.size()); ++name) {
    for (int person = 0; person < persons; ++person) {
      if (tracks_of[person].empty() || ExcessOf(linkage, linkage.threshold, sums, person, persons + name) < 0)
        continue;
      const double score = sums.MeanScore(person, persons + name);
      matches.push_back({.score = score,
                         .probability = 1 / (1 + std::exp(linkage.threshold - score)),
                         .name = name,
                         .person = person});
    }
  }
  std::sort(matches.begin(), matches.end(), [](const Match& x, const Match& y) {
    return std::tuple(-x.score, x.name, x.person) < std::tuple(-y.score, y.name, y.person);
  });
  return matches;
}

std::vector<std::string> ReferenceNaming::Name(const ClusterProblem& problem, const ScoreRule& rule,
                                               Profile profile, const std::vector<int>& person_of,
                                               std::vector<PersonRecord>* persons,
                                               std::vector<Gallery::NewSuggestion>* suggestions) const {
  DropNamesByReference(persons);
  std::vector<std::string> told;
  if (names_.empty() || problem.templates.empty()) return told;
  for (size_t name = 0; name < names_.size(); ++name) {
    if (std::none_of(faces_of_[name].begin(), faces_of_[name].end(),
                     [&](int face) { return HasTemplate(faces_, face); }))
      told.push_back(fmt::format("the references of {} have no vector of the models in use: enrol them again",
                                 names_[name]));
  }
  std::map<std::string, int> taken;  // folded name -> person
  for (size_t person = 0; person < persons->size(); ++person)
    taken[CaseFolded((*persons)[person].name)] = static_cast<int>(person);
  std::vector<int> person_of_name(names_.size(), -1), name_of_person(persons->size(), -1);
  for (size_t name = 0; name < names_.size(); ++name) {
    if (const auto own = taken.find(CaseFolded(names_[name])); own != taken.end()) {
      person_of_name[name] = own->second;
      name_of_person[own->second] = static_cast<int>(name);
    }
  }
  Pairs known = SeenTogether(problem, person_of);
  for (const Gallery::NewSuggestion& each : *suggestions)
    if (each.other >= 0) known.insert(std::minmax(each.person, each.other));
  const std::vector<std::vector<int>> tracks_of = TracksOf(problem, person_of, persons->size());
  for (const Match& match : MatchesOf(problem, rule, profile, tracks_of)) {
    PersonRecord& person = (*persons)[match.person];
    int& named = person_of_name[match.name];
    int& name = name_of_person[match.person];
    if (named == match.person) continue;
    if (IsNamedByUser(person)) {
      told.push_back(
          fmt::format("{}, whom you named, is like the references of {}", person.name, names_[match.name]));
    } else if (name >= 0) {
      told.push_back(fmt::format("{} is like the references of {} too", person.name, names_[match.name]));
    } else if (named < 0 && !taken.contains(CaseFolded(WithReferenceMark(names_[match.name])))) {
      named = match.person;
      name = match.name;
      person.name = WithReferenceMark(names_[match.name]);
      person.by_reference = true;
    } else if (named >= 0 && known.insert(std::minmax(named, match.person)).second) {
      suggestions->push_back({.kind = SuggestionRecord::Kind::kMerge,
                              .person = named,
                              .other = match.person,
                              .tracks = {},
                              .probability = static_cast<float>(match.probability),
                              .gain = static_cast<float>(match.probability * tracks_of[named].size() *
                                                         tracks_of[match.person].size())});
    }
  }
  std::stable_sort(suggestions->begin(), suggestions->end(),
                   [](const auto& x, const auto& y) { return x.gain > y.gain; });
  return told;
}

}  // namespace crossface
