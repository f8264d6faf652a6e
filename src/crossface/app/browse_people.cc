// CaseBrowser: the case as a whole, and its people.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <unordered_map>

#include "crossface/app/case_browser.h"
#include "crossface/app/look.h"
#include "crossface/curation/curation_plan.h"
#include "crossface/curation/curation_state.h"
#include "crossface/export/case_view.h"
#include "crossface/gallery/facts.h"

namespace crossface {

namespace {

constexpr size_t kTogetherShown = 50, kTracksShown = 10;

bool IsWanted(PeopleAsked::Which which, bool is_so) {
  return which == PeopleAsked::Which::kAll || is_so == (which == PeopleAsked::Which::kYes);
}

// Who is known by the clock comes before who is not.
auto ByFirstSeen(const ShownPerson::Moment* moment) {
  static const ShownPerson::Moment nowhere;
  const ShownPerson::Moment& at = moment == nullptr ? nowhere : *moment;
  return std::tuple(moment == nullptr, at.time.empty(), at.time, at.source, at.start_us);
}

// There are as many as persons in sources: nothing of what is shown is made for those that are not the first.
struct Seen {
  const SourceRecord* source = nullptr;
  std::string time;  // by the source's clock; empty where it is not known
  int64_t start_us = 0;

  auto Order() const {
    return std::tuple<bool, const std::string&, const std::string&, int64_t>(time.empty(), time, source->name,
                                                                             start_us);
  }
};

std::map<int64_t, ShownPerson::Moment> FirstMomentsIn(const std::vector<FirstSeen>& all,
                                                      const CaseFacts& facts) {
  std::unordered_map<int64_t, bool> has_clock;
  std::unordered_map<int64_t, Seen> first;
  for (const FirstSeen& each : all) {
    Seen seen{.source = facts.Source(each.source_id), .start_us = each.start_us};
    if (seen.source == nullptr) continue;
    const auto clock = has_clock.try_emplace(each.source_id);
    if (clock.second) clock.first->second = !WallClockOf(seen.source->info, 0, 0).start.empty();
    if (clock.first->second) seen.time = WallClockOf(seen.source->info, each.start_us, each.start_us).start;
    const auto known = first.find(each.person_id);
    if (known == first.end()) {
      first.emplace(each.person_id, std::move(seen));
    } else if (seen.Order() < known->second.Order()) {
      known->second = std::move(seen);
    }
  }
  std::map<int64_t, ShownPerson::Moment> moments;
  for (auto& [person, seen] : first)
    moments[person] = {.source_id = seen.source->id,
                       .start_us = seen.start_us,
                       .source = seen.source->name,
                       .time = std::move(seen.time)};
  return moments;
}

const ShownPerson::Moment* Find(const std::map<int64_t, ShownPerson::Moment>& moments, int64_t person) {
  const auto found = moments.find(person);
  return found == moments.end() ? nullptr : &found->second;
}

std::string VersionText(const CaseTide& tide) {
  return fmt::format("c{}-g{}", tide.correction, tide.grouping);
}

}  // namespace

Result<std::string> VersionOfCase(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const CaseTide tide, gallery.ReadTide());
  return VersionText(tide);
}

Result<std::string> CaseBrowser::Version() const {
  return LookAtCase(case_folder_, [](const Gallery& gallery) { return VersionOfCase(gallery); });
}

Result<std::shared_ptr<const CaseBrowser::PeopleList>> CaseBrowser::ReadPeople(const Gallery& gallery) const {
  CROSSFACE_ASSIGN_OR_RETURN(const CaseTide tide, gallery.ReadTide());
  {
    const MutexLock lock(mutex_);
    if (people_ != nullptr && people_->tide == tide) return people_;
  }
  auto list = std::make_shared<PeopleList>();
  list->tide = tide;
  list->version = VersionText(tide);
  CROSSFACE_ASSIGN_OR_RETURN(const CurationState state, CurationState::ReadMeant(gallery));
  CROSSFACE_ASSIGN_OR_RETURN(list->people, ListEverybody(gallery, state));
  list->position.reserve(list->people.persons.size());
  for (size_t i = 0; i < list->people.persons.size(); ++i) list->position[list->people.persons[i].id] = i;
  for (const auto& [track, pin] : state.pins) {
    if (!pin.anchor) list->confirmed.insert(state.tracks[track].id);
  }
  const MutexLock lock(mutex_);
  people_ = list;
  return std::shared_ptr<const PeopleList>(std::move(list));
}

Result<OverviewAnswer> CaseBrowser::Overview() const {
  return reader_.LookAt([&](const Gallery& gallery, const CaseFacts& facts) -> Result<OverviewAnswer> {
    CROSSFACE_ASSIGN_OR_RETURN(const auto list, ReadPeople(gallery));
    OverviewAnswer answer{.version = list->version,
                          .persons = static_cast<int64_t>(list->people.all),
                          .tracks = list->tide.tracks,
                          .faces = list->tide.faces,
                          .unassigned_tracks = list->people.unassigned_tracks,
                          .unassigned_by_reason = list->people.unassigned_by_reason,
                          .warnings = list->people.warnings};
    for (const ListedPerson& person : list->people.persons) {
      answer.named += !HasOwnName(person.id, person.facts.name);
      answer.ignored += person.facts.ignored;
    }
    for (const SourceRecord& source : facts.sources()) {
      ++answer.sources_by_state[std::string(SourceStateName(source.state))];
      answer.video_ms += source.info.duration_ms;
      answer.bytes += source.info.bytes;
    }
    answer.sources = static_cast<int64_t>(facts.sources().size());
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> suggestions, gallery.ReadSuggestions());
    answer.suggestions = std::count_if(suggestions.begin(), suggestions.end(),
                                       [](const SuggestionRecord& one) { return !one.settled; });
    CROSSFACE_ASSIGN_OR_RETURN(answer.method, gallery.ReadFact(kMethodFact));
    CROSSFACE_ASSIGN_OR_RETURN(answer.profile, gallery.ReadFact(kProfileFact));
    return answer;
  });
}

// All tracks are read for it: once for as long as the list is the same.
Result<std::shared_ptr<const CaseBrowser::FirstMoments>> CaseBrowser::FirstMomentsOfAll(
    const Gallery& gallery, const CaseFacts& facts, const PeopleList& list) {
  {
    const MutexLock lock(list.mutex);
    if (list.first_seen != nullptr) return list.first_seen;
  }
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<FirstSeen> all, gallery.ReadFirstSeen());
  const auto moments = std::make_shared<const FirstMoments>(FirstMomentsIn(all, facts));
  const MutexLock lock(list.mutex);
  list.first_seen = moments;
  return moments;
}

Result<PeoplePageAnswer> CaseBrowser::People(const PeopleAsked& asked, Page page) const {
  return reader_.LookAt([&](const Gallery& gallery, const CaseFacts& facts) -> Result<PeoplePageAnswer> {
    CROSSFACE_ASSIGN_OR_RETURN(const auto list, ReadPeople(gallery));
    const std::u32string sought = Folded(asked.text);
    std::vector<const ListedPerson*> wanted;
    for (const ListedPerson& person : list->people.persons) {
      if (IsWanted(asked.ignored, person.facts.ignored) &&
          (asked.named == PeopleAsked::Which::kAll ||
           IsWanted(asked.named, !HasOwnName(person.id, person.facts.name))) &&
          (sought.empty() || Folded(person.facts.name).find(sought) != std::u32string::npos))
        wanted.push_back(&person);
    }
    // When somebody is first seen costs reading tracks: it is told where it is the order, or asked for.
    std::shared_ptr<const FirstMoments> moments;
    if (asked.sort == PeopleAsked::Sort::kName) {
      std::vector<std::pair<std::u32string, const ListedPerson*>> named;
      named.reserve(wanted.size());
      for (const ListedPerson* person : wanted) named.emplace_back(Folded(person->facts.name), person);
      std::stable_sort(named.begin(), named.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      for (size_t i = 0; i < named.size(); ++i) wanted[i] = named[i].second;
    } else if (asked.sort == PeopleAsked::Sort::kFirstSeen) {
      CROSSFACE_ASSIGN_OR_RETURN(moments, FirstMomentsOfAll(gallery, facts, *list));
      std::stable_sort(wanted.begin(), wanted.end(), [&](const ListedPerson* a, const ListedPerson* b) {
        return ByFirstSeen(Find(*moments, a->id)) < ByFirstSeen(Find(*moments, b->id));
      });
    }
    const Stretch<const ListedPerson*> shown = StretchOf(wanted, page);
    PeoplePageAnswer answer{.version = list->version, .people = {.first = shown.first, .total = shown.total}};
    std::vector<int64_t> ids;
    for (const ListedPerson* person : shown.rows) ids.push_back(person->id);
    CROSSFACE_ASSIGN_OR_RETURN(const auto cohesion, gallery.ReadCohesion(ids));
    if (asked.first_seen && moments == nullptr) {
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<FirstSeen> seen, gallery.ReadFirstSeen(ids));
      moments = std::make_shared<const FirstMoments>(FirstMomentsIn(seen, facts));
    }
    for (const ListedPerson* person : shown.rows) {
      ShownPerson row{.person = AnswerOf(*person),
                      .named = !HasOwnName(person->id, person->facts.name),
                      .portrait = person->totals.portrait};
      if (const auto* moment = moments == nullptr ? nullptr : Find(*moments, person->id))
        row.first_seen = *moment;
      if (const auto known = cohesion.find(person->id); known != cohesion.end())
        row.person.cohesion = known->second;
      answer.people.rows.push_back(std::move(row));
    }
    return answer;
  });
}

Result<PersonShownAnswer> CaseBrowser::Person(int64_t id) const {
  return reader_.LookAt([&](const Gallery& gallery, const CaseFacts& facts) -> Result<PersonShownAnswer> {
    CROSSFACE_ASSIGN_OR_RETURN(const auto list, ReadPeople(gallery));
    const auto place = list->position.find(id);
    if (place == list->position.end())
      return Status(StatusCode::kNotFound, fmt::format("there is no person {}", id));
    const ListedPerson* person = &list->people.persons[place->second];
    PersonShownAnswer answer{.version = list->version,
                             .person = {.person = AnswerOf(*person),
                                        .named = !HasOwnName(id, person->facts.name),
                                        .portrait = person->totals.portrait}};
    CROSSFACE_ASSIGN_OR_RETURN(const auto cohesion, gallery.ReadCohesion({id}));
    if (!cohesion.empty()) answer.person.person.cohesion = cohesion.begin()->second;
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<FirstSeen> seen, gallery.ReadFirstSeen({id}));
    const FirstMoments first_seen = FirstMomentsIn(seen, facts);
    if (const auto* moment = Find(first_seen, id)) answer.person.first_seen = *moment;

    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> track_ids, gallery.TracksOfPersons({id}));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery.ReadTracks({}, track_ids));
    std::map<int64_t, PersonShownAnswer::InSource> by_source;
    for (const TrackRecord& track : tracks) {
      PersonShownAnswer::InSource& in = by_source[track.source_id];
      ++in.tracks;
      in.screen_us += track.end_us - track.start_us;
    }
    for (const SourceRecord& source : facts.sources()) {
      const auto in = by_source.find(source.id);
      if (in == by_source.end()) continue;
      in->second.source_id = source.id;
      in->second.source = source.name;
      answer.sources.push_back(in->second);
    }

    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TogetherWith> pairs, gallery.ReadTogetherWith(id));
    for (const TogetherWith& pair : pairs) {
      if (answer.together.empty() || answer.together.back().who.id != pair.person_id)
        answer.together.push_back({.who = {.id = pair.person_id}});
      auto& together = answer.together.back();
      ++together.moments;
      const bool known = !together.tracks.empty() && together.tracks.back() == pair.track_id;
      if (!known && together.tracks.size() < kTracksShown) together.tracks.push_back(pair.track_id);
    }
    std::stable_sort(answer.together.begin(), answer.together.end(),
                     [](const auto& a, const auto& b) { return a.moments > b.moments; });
    if (answer.together.size() > kTogetherShown) answer.together.resize(kTogetherShown);
    for (auto& together : answer.together) {
      if (const auto who = facts.Person(together.who.id)) together.who = *who;
    }
    return answer;
  });
}

Result<Stretch<ShownAppearance>> CaseBrowser::Appearances(int64_t id, Page page) const {
  return reader_.LookAt([&](const Gallery& gallery,
                            const CaseFacts& facts) -> Result<Stretch<ShownAppearance>> {
    CROSSFACE_ASSIGN_OR_RETURN(const auto list, ReadPeople(gallery));
    if (!list->position.contains(id))
      return Status(StatusCode::kNotFound, fmt::format("there is no person {}", id));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> all, gallery.TracksOfPersons({id}));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({}, all));
    // Of a scan that is not complete, which nobody looks at yet.
    std::erase_if(tracks, [&](const TrackRecord& track) { return facts.Source(track.source_id) == nullptr; });
    const Stretch<TrackRecord> shown = StretchOf(tracks, page);
    std::vector<int64_t> ids;
    for (const TrackRecord& track : shown.rows) ids.push_back(track.id);
    CROSSFACE_ASSIGN_OR_RETURN(const auto faces, gallery.BestFacesOfTracks(ids));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments(ids));
    std::map<int64_t, float> confidence;
    for (const Assignment& each : assignments) confidence[each.track_id] = each.confidence;
    Stretch<ShownAppearance> answer{.first = shown.first, .total = shown.total};
    for (const TrackRecord& track : shown.rows) {
      const auto face = faces.find(track.id);
      WallClock clock = WallClockOf(facts.Source(track.source_id)->info, track.start_us, track.end_us);
      answer.rows.push_back({.appearance = {.track = facts.TrackName(track.source_id, track.number),
                                            .start_us = track.start_us,
                                            .end_us = track.end_us,
                                            .faces = track.face_count,
                                            .confidence = confidence[track.id],
                                            .confirmed = list->confirmed.contains(track.id)},
                             .track_id = track.id,
                             .source_id = track.source_id,
                             .face = face == faces.end() ? 0 : face->second,
                             .start = std::move(clock.start),
                             .end = std::move(clock.end)});
    }
    return answer;
  });
}

Result<int64_t> CaseBrowser::Portrait(int64_t person) const {
  return LookAtCase(case_folder_, [&](const Gallery& gallery) -> Result<int64_t> {
    CROSSFACE_ASSIGN_OR_RETURN(const auto portraits, gallery.BestFacesOfPersons({person}));
    if (portraits.empty())
      return Status(StatusCode::kNotFound, fmt::format("there is no picture of a person {}", person));
    return portraits.begin()->second;
  });
}

}  // namespace crossface
