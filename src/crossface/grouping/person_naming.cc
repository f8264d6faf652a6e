#include "crossface/grouping/person_naming.h"

#include <algorithm>
#include <tuple>

namespace crossface {

std::vector<PersonRecord> PersonNaming::Name() {
  const std::vector<int> proposed = answer_.person_of;
  ObeyPins();
  persons_.resize(static_cast<size_t>(answer_.persons));
  NameCurated();
  NameOthers();
  TellCohesion(proposed);
  return persons_;
}

std::vector<Gallery::NewSuggestion> PersonNaming::KeepWhatIsUnchanged(
    const std::vector<SuggestionRecord>& suggestions, const std::map<int64_t, float>& cohesion,
    std::vector<PersonRecord>* persons) const {
  std::set<int64_t> changed;
  std::map<int64_t, int> position;
  for (size_t i = 0; i < persons->size(); ++i) position[(*persons)[i].id] = static_cast<int>(i);
  for (size_t i = 0; i < state_.tracks.size(); ++i) {
    const int64_t before = state_.owner[i].person,
                  now =
                      answer_.person_of[i] < 0 ? 0 : (*persons)[static_cast<size_t>(answer_.person_of[i])].id;
    if (before != now) changed.insert({before, now});
  }
  const auto is_unchanged = [&](int64_t id) { return position.contains(id) && !changed.contains(id); };
  for (PersonRecord& person : *persons) {
    const auto known = cohesion.find(person.id);
    if (known != cohesion.end() && is_unchanged(person.id)) person.cohesion = known->second;
  }
  std::vector<Gallery::NewSuggestion> kept;
  for (const SuggestionRecord& each : suggestions) {
    const bool merge = each.kind == SuggestionRecord::Kind::kMerge;
    if (!is_unchanged(each.person_id) || (merge && !is_unchanged(each.other_id))) continue;
    kept.push_back({.kind = each.kind,
                    .person = position.at(each.person_id),
                    .other = merge ? position.at(each.other_id) : -1,
                    .tracks = each.tracks,
                    .probability = each.probability,
                    .gain = each.gain});
  }
  return kept;
}

// The clusterer may leave tracks without vectors out: the user knows better.
void PersonNaming::ObeyPins() {
  for (const auto& [track, pin] : state_.pins) {
    if (pin.person != 0 && answer_.person_of[track] >= 0)
      cluster_of_.try_emplace(pin.person, answer_.person_of[track]);
  }
  for (const auto& [track, pin] : state_.pins) {
    if (pin.person == 0) {
      answer_.person_of[track] = -1;
      answer_.confidence[track] = 0;
      continue;
    }
    const auto [cluster, added] = cluster_of_.try_emplace(pin.person, answer_.persons);
    answer_.persons += added;
    answer_.person_of[track] = cluster->second;
    if (!pin.anchor) answer_.confidence[track] = 1;
  }
}

void PersonNaming::NameCurated() {
  for (const auto& [id, cluster] : cluster_of_) {
    const PersonFacts facts = state_.FactsOf(id);
    persons_[static_cast<size_t>(cluster)] = {id, facts.name, facts.ignored, facts.by_reference};
    taken_.insert(id);
  }
}

// New persons take over the id of the old one that they share most tracks with, one to one. A track counts
// for the person that it has now and for the first that it ever had: who vanishes in one grouping comes
// back under the same number in another.
void PersonNaming::NameOthers() {
  struct Votes {
    int64_t now = 0, first = 0;
  };
  std::map<std::pair<int64_t, int>, Votes> common;  // (old person, new person)
  for (size_t i = 0; i < state_.tracks.size(); ++i) {
    const int cluster = answer_.person_of[i];
    if (cluster < 0) continue;
    if (state_.owner[i].person != 0) ++common[{state_.owner[i].person, cluster}].now;
    if (state_.owner[i].first_person != 0) ++common[{state_.owner[i].first_person, cluster}].first;
  }
  std::vector<std::tuple<int64_t, int64_t, int64_t, int>> best;  // most votes first, then the older person
  for (const auto& [pair, votes] : common)
    best.emplace_back(-votes.now - votes.first, -votes.now, pair.first, pair.second);
  std::sort(best.begin(), best.end());
  for (const auto& [votes, now, old_id, cluster] : best) {
    PersonRecord& person = persons_[static_cast<size_t>(cluster)];
    if (person.id != 0 || !taken_.insert(old_id).second) continue;
    const PersonFacts facts = state_.FactsOf(old_id);
    person = {old_id, facts.name, facts.ignored, facts.by_reference};
  }
}

// Of the persons that are as the clusterer made them.
void PersonNaming::TellCohesion(const std::vector<int>& proposed) {
  for (size_t i = 0; i < answer_.cohesion.size() && i < persons_.size(); ++i)
    persons_[i].cohesion = answer_.cohesion[i];
  for (size_t i = 0; i < proposed.size(); ++i) {
    if (proposed[i] == answer_.person_of[i]) continue;
    for (const int person : {proposed[i], answer_.person_of[i]}) {
      if (person >= 0) persons_[static_cast<size_t>(person)].cohesion.reset();
    }
  }
}

}  // namespace crossface
