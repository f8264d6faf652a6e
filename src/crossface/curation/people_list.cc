#include "crossface/curation/people_list.h"

#include <algorithm>

#include "crossface/curation/curation_names.h"
#include "crossface/curation/curation_state.h"

namespace crossface {
namespace {

bool IsConfirmed(const CurationState& state, size_t track) {
  const auto pin = state.pins.find(track);
  return pin != state.pins.end() && !pin->second.anchor;
}

ListedPerson Listed(const CurationState& state, int64_t id, const PersonTotals& totals) {
  return {.id = id, .facts = state.persons.at(id), .totals = totals};
}

template <typename T>
std::vector<T> Cut(std::vector<T> all, Page page) {
  const size_t first = std::min(page.first, all.size()), most = std::min(page.most, all.size() - first);
  return {std::make_move_iterator(all.begin() + static_cast<ptrdiff_t>(first)),
          std::make_move_iterator(all.begin() + static_cast<ptrdiff_t>(first + most))};
}

}  // namespace

Result<PeoplePage> ListEverybody(const Gallery& gallery, const CurationState& state) {
  return gallery.AtOneMoment([&]() -> Result<PeoplePage> {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonTotals> totals, gallery.ReadPersonTotals());
    PeoplePage list{.all = state.persons.size(), .warnings = state.warnings};
    CROSSFACE_ASSIGN_OR_RETURN(list.unassigned_by_reason, gallery.CountUnassignedReasons());
    std::map<int64_t, PersonTotals> totals_of;
    for (const PersonTotals& each : totals) totals_of[each.person_id] = each;
    for (const auto& [id, facts] : state.persons) list.persons.push_back(Listed(state, id, totals_of[id]));
    std::stable_sort(
        list.persons.begin(), list.persons.end(),
        [](const ListedPerson& a, const ListedPerson& b) { return a.totals.screen_us > b.totals.screen_us; });
    std::map<int64_t, int64_t> confirmed;
    for (const auto& [track, pin] : state.pins) confirmed[state.owner[track].person] += !pin.anchor;
    for (ListedPerson& person : list.persons) person.confirmed = confirmed[person.id];
    list.unassigned_tracks = totals_of[0].tracks;
    return list;
  });
}

Result<PeoplePage> ListPeople(const Gallery& gallery, Page page) {
  return gallery.AtOneMoment([&]() -> Result<PeoplePage> {
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::ReadMeant(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(PeoplePage list, ListEverybody(gallery, state));
    list.persons = Cut(std::move(list.persons), page);
    std::vector<int64_t> ids;
    for (const ListedPerson& person : list.persons) ids.push_back(person.id);
    CROSSFACE_ASSIGN_OR_RETURN(const auto cohesion, gallery.ReadCohesion(ids));
    for (ListedPerson& person : list.persons) {
      if (const auto known = cohesion.find(person.id); known != cohesion.end())
        person.cohesion = known->second;
    }
    return list;
  });
}

Result<PersonAppearances> ShowPerson(const Gallery& gallery, const std::string& text, Page page) {
  return gallery.AtOneMoment([&]() -> Result<PersonAppearances> {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
    CROSSFACE_ASSIGN_OR_RETURN(const int64_t id, FindPerson(FactsOf(persons), text));
    CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::ReadOf(gallery, {id}));
    PersonTotals totals{.person_id = id};
    std::vector<Appearance> appearances;
    int64_t confirmed = 0;
    std::set<size_t> sources;
    for (const size_t i : state.TracksOf(id)) {
      const TrackRecord& track = state.tracks[i];
      appearances.push_back({.track = state.TrackName(i),
                             .start_us = track.start_us,
                             .end_us = track.end_us,
                             .faces = track.face_count,
                             .confidence = state.owner[i].confidence,
                             .confirmed = IsConfirmed(state, i)});
      ++totals.tracks;
      totals.faces += track.face_count;
      totals.screen_us += track.end_us - track.start_us;
      sources.insert(state.source_of[i]);
      confirmed += IsConfirmed(state, i);
    }
    totals.sources = static_cast<int64_t>(sources.size());
    CROSSFACE_ASSIGN_OR_RETURN(const auto portraits, gallery.BestFacesOfPersons({id}));
    if (!portraits.empty()) totals.portrait = portraits.begin()->second;
    PersonAppearances shown{.person = Listed(state, id, totals),
                            .appearances = Cut(std::move(appearances), page),
                            .warnings = state.warnings};
    shown.person.confirmed = confirmed;
    CROSSFACE_ASSIGN_OR_RETURN(const auto cohesion, gallery.ReadCohesion({id}));
    if (!cohesion.empty()) shown.person.cohesion = cohesion.begin()->second;
    return shown;
  });
}

}  // namespace crossface
