#include "crossface/curation/curation_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

namespace crossface {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

}  // namespace

Result<CurationState> CurationState::Read(const Gallery& gallery) {
  return gallery.AtOneMoment([&]() -> Result<CurationState> {
    CROSSFACE_ASSIGN_OR_RETURN(CurationState state, ReadPersonsAndHistory(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({}));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments());
    CROSSFACE_RETURN_IF_ERROR(state.TakeTracks(gallery, std::move(tracks), assignments));
    return state;
  });
}

Result<CurationState> CurationState::ReadOf(const Gallery& gallery, const std::vector<int64_t>& persons) {
  return gallery.AtOneMoment([&]() -> Result<CurationState> {
    CROSSFACE_ASSIGN_OR_RETURN(CurationState state, ReadPersonsAndHistory(gallery));
    state.is_part = true;
    std::set<std::string> spoken_of;
    for (const CurationEvent& event : state.history) {
      for (const TrackReference& reference : event.tracks) spoken_of.insert(reference.sha256);
    }
    std::vector<int64_t> sources;
    for (const SourceRecord& source : state.sources) {
      if (spoken_of.contains(source.sha256)) sources.push_back(source.id);
    }
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<int64_t> ids, gallery.TracksOfSources(sources));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> own, gallery.TracksOfPersons(persons));
    ids.insert(ids.end(), own.begin(), own.end());
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({}, ids));
    // Of a scan that is not complete, which nobody looks at yet.
    std::set<int64_t> complete;
    for (const SourceRecord& source : state.sources) complete.insert(source.id);
    std::erase_if(tracks, [&](const TrackRecord& track) { return !complete.contains(track.source_id); });
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments(ids));
    CROSSFACE_RETURN_IF_ERROR(state.TakeTracks(gallery, std::move(tracks), assignments));
    return state;
  });
}

Result<CurationState> CurationState::ReadPersonsAndHistory(const Gallery& gallery) {
  CurationState state;
  CROSSFACE_ASSIGN_OR_RETURN(state.sources, gallery.ReadSources());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  CROSSFACE_ASSIGN_OR_RETURN(state.next_person, gallery.NextPersonId());
  CROSSFACE_ASSIGN_OR_RETURN(state.next_correction, gallery.NextCorrectionId());
  for (const PersonRecord& person : persons)
    state.persons[person.id] = {person.name, person.ignored, person.by_reference};
  CROSSFACE_RETURN_IF_ERROR(state.ReadHistory(gallery));
  return state;
}

Status CurationState::TakeTracks(const Gallery& gallery, std::vector<TrackRecord> read,
                                 const std::vector<Assignment>& assignments) {
  tracks = std::move(read);
  std::unordered_map<int64_t, size_t> source_by_id;
  for (size_t i = 0; i < sources.size(); ++i) source_by_id[sources[i].id] = i;
  std::unordered_map<int64_t, size_t> place;  // by track id
  for (size_t i = 0; i < tracks.size(); ++i) {
    source_of.push_back(source_by_id.at(tracks[i].source_id));
    place[tracks[i].id] = i;
  }
  owner.resize(tracks.size());
  for (const Assignment& a : assignments) {
    if (const auto track = place.find(a.track_id); track != place.end())
      owner[track->second] = {a.person_id, a.confidence, a.first_person_id, a.grouped, a.reason};
  }
  std::vector<int64_t> ids;
  for (const TrackRecord& track : tracks) ids.push_back(track.id);
  CROSSFACE_ASSIGN_OR_RETURN(const auto together,
                             is_part ? gallery.ReadTracksTogether(ids) : gallery.ReadTracksTogether());
  for (const auto& [id, other_id] : together) {
    const auto one = place.find(id), other = place.find(other_id);
    if (one != place.end() && other != place.end())
      on_screen_together.push_back(
          std::minmax(static_cast<int>(one->second), static_cast<int>(other->second)));
  }
  std::sort(on_screen_together.begin(), on_screen_together.end());
  CROSSFACE_RETURN_IF_ERROR(ReadFacesOfReferences(gallery));
  CROSSFACE_RETURN_IF_ERROR(ReadTemplates(gallery));
  ReplayHistory();
  return Status();
}

Status CurationState::ReadHistory(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<CorrectionRecord> records, gallery.ReadCorrections());
  std::unordered_map<int64_t, size_t> position;
  for (const CorrectionRecord& record : records) {
    CROSSFACE_ASSIGN_OR_RETURN(CurationEvent event, ParseCorrection(record));
    position[event.id] = history.size();
    if (!event.IsUndo() && !event.IsRedo()) {
      in_force.push_back(history.size());
      undone.clear();
    } else {
      std::vector<size_t>& from = event.IsUndo() ? in_force : undone;
      std::vector<size_t>& to = event.IsUndo() ? undone : in_force;
      for (const int64_t id : event.of) {
        if (from.empty() || history[from.back()].id != id)
          return Status(StatusCode::kCorrupt,
                        fmt::format("correction {} takes back what is not the last", event.id));
        to.push_back(from.back());
        from.pop_back();
      }
    }
    history.push_back(std::move(event));
  }
  return Status();
}

// A reference's face lies within half a second of where it was found, so only tracks on at that time have it.
Status CurationState::ReadFacesOfReferences(const Gallery& gallery) {
  std::unordered_map<std::string, std::vector<int64_t>> times;  // by SHA-256
  for (const CurationEvent& event : history) {
    for (const TrackReference& reference : event.tracks) times[reference.sha256].push_back(reference.face_us);
  }
  for (auto& [sha256, of_source] : times) std::sort(of_source.begin(), of_source.end());
  std::vector<int64_t> ids;
  std::unordered_map<int64_t, size_t> place;
  for (size_t i = 0; i < tracks.size(); ++i) {
    const auto of_source = times.find(sources[source_of[i]].sha256);
    if (of_source == times.end()) continue;
    const auto& sorted = of_source->second;
    const auto next = std::lower_bound(sorted.begin(), sorted.end(), tracks[i].start_us - kSecondUs);
    if (next == sorted.end() || *next > tracks[i].end_us + kSecondUs) continue;
    ids.push_back(tracks[i].id);
    place[tracks[i].id] = i;
  }
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> read, gallery.ReadTracks({.faces = true}, ids));
  for (TrackRecord& track : read) tracks[place.at(track.id)].faces = std::move(track.faces);
  return Status();
}

Status CurationState::ReadTemplates(const Gallery& gallery) {
  const TrackFinder finder(sources, tracks, templates);
  std::set<int64_t> wanted;
  for (const CurationEvent& event : history) {
    for (const TrackReference& reference : event.tracks) {
      if (reference.templates.empty()) continue;
      for (const size_t track : finder.Candidates(reference)) wanted.insert(tracks[track].id);
    }
  }
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> read,
                             gallery.ReadTracks({.templates = true}, {wanted.begin(), wanted.end()}));
  for (TrackRecord& track : read) templates[track.id] = std::move(track.templates);
  return Status();
}

void CurationState::ReplayHistory() {
  TrackFinder finder(sources, tracks, templates);
  for (const size_t position : in_force) {
    const CurationEvent& event = history[position];
    std::vector<std::optional<size_t>> found;
    for (const TrackReference& reference : event.tracks) found.push_back(finder.Find(reference));
    const auto missing = std::count(found.begin(), found.end(), std::nullopt);
    if (missing > 0) {
      warnings.push_back(
          fmt::format("correction {} ({}) speaks of {} tracks that are not found any more; it holds for the "
                      "others, and for "
                      "these once they are found again",
                      event.id, event.told, missing));
    }
    for (const auto& person : event.persons) {
      if (person.after) known_facts[person.id] = *person.after;
    }
    // An anchor holds no track that the user has taken away.
    for (const auto& move : event.moves) {
      const auto& track = found[static_cast<size_t>(move.track)];
      const auto pin = track ? pins.find(*track) : pins.end();
      if (pin != pins.end() && pin->second.anchor && pin->second.person == move.from && move.to != move.from)
        pins.erase(pin);
    }
    for (const auto& pin : event.pins) {
      if (const auto& track = found[static_cast<size_t>(pin.track)])
        pins[*track] = {pin.person, pin.anchor, event.id};
    }
    const auto all_found = [&](const std::vector<int>& list) {
      std::vector<size_t> positions;
      for (const int track : list) {
        if (found[static_cast<size_t>(track)]) positions.push_back(*found[static_cast<size_t>(track)]);
      }
      return positions;
    };
    for (const auto& parting : event.partings)
      partings.push_back({all_found(parting.some), all_found(parting.others), event.id});
  }
}

bool CurationState::IsParted(const Parting& parting, size_t some, size_t other) const {
  if (some == other) return false;
  const auto a = pins.find(some), b = pins.find(other);
  if (a == pins.end() || b == pins.end() || a->second.person == 0 || a->second.person != b->second.person)
    return true;
  return std::max(a->second.correction, b->second.correction) < parting.correction;
}

const CurationEvent& CurationState::Correction(int64_t id) const {
  const auto event =
      std::find_if(history.begin(), history.end(), [&](const auto& each) { return each.id == id; });
  if (event == history.end()) throw std::logic_error(fmt::format("there is no correction {}", id));
  return *event;
}

PersonFacts CurationState::FactsOf(int64_t person) const {
  if (const auto now = persons.find(person); now != persons.end()) return now->second;
  const auto known = known_facts.find(person);
  return known == known_facts.end() ? PersonFacts() : known->second;
}

std::string CurationState::TrackName(size_t track) const {
  return fmt::format("{}:{}", sources[source_of[track]].name, tracks[track].number);
}

std::vector<size_t> CurationState::TracksOf(int64_t person) const {
  std::vector<size_t> own;
  for (size_t i = 0; i < tracks.size(); ++i) {
    if (owner[i].person == person) own.push_back(i);
  }
  return own;
}

namespace {

// The person that a track is pinned to, else the track itself, below zero.
int64_t HeldTo(const CurationState& state, size_t track) {
  const auto pin = state.pins.find(track);
  return pin != state.pins.end() && pin->second.person != 0 ? pin->second.person
                                                            : -1 - static_cast<int64_t>(track);
}

// Who stands on both sides of a parting: by a joining, or because a new scan sees one track in what were two.
std::set<int64_t> JoinedAcross(const CurationState& state, const CurationState::Parting& parting) {
  std::set<int64_t> some, joined;
  for (const size_t track : parting.some) some.insert(HeldTo(state, track));
  for (const size_t track : parting.others) {
    if (const int64_t held = HeldTo(state, track); some.contains(held)) joined.insert(held);
  }
  return joined;
}

// What a joining leaves of a parting: whoever was joined is parted from the others of the other side still.
void AddParting(const CurationState& state, const CurationState::Parting& parting, CurationLinks* links) {
  const std::set<int64_t> joined = JoinedAcross(state, parting);
  const auto joined_to = [&](size_t track) -> int64_t {
    const int64_t held = HeldTo(state, track);
    return joined.contains(held) ? held : 0;
  };
  const auto add = [&](const auto& of_some, const auto& of_others) {
    std::vector<std::vector<int>> sides(2);
    for (const size_t track : parting.some) {
      if (of_some(joined_to(track))) sides[0].push_back(static_cast<int>(track));
    }
    for (const size_t track : parting.others) {
      if (of_others(joined_to(track))) sides[1].push_back(static_cast<int>(track));
    }
    if (!sides[0].empty() && !sides[1].empty()) links->partings.push_back(std::move(sides));
  };
  const auto is_on_one_side = [](int64_t id) { return id == 0; };
  add(is_on_one_side, is_on_one_side);
  for (const int64_t held : joined) {
    add([=](int64_t id) { return id == held; }, [=](int64_t id) { return id != held; });
    add(is_on_one_side, [=](int64_t id) { return id == held; });
    for (const size_t some : parting.some) {
      for (const size_t other : parting.others) {
        if (joined_to(some) != held || joined_to(other) != held || !state.IsParted(parting, some, other))
          continue;
        links->warnings.push_back(
            fmt::format("correction {} parts {} from {}, but corrections {} and {} make them one person; the "
                        "joining is obeyed",
                        parting.correction, state.TrackName(some), state.TrackName(other),
                        state.pins.at(some).correction, state.pins.at(other).correction));
      }
    }
  }
}

}  // namespace

CurationLinks LinksFor(const CurationState& state) {
  CurationLinks links;
  std::map<int64_t, int> first_of;  // person -> one of the tracks that are pinned to it
  for (const auto& [track, pin] : state.pins) {
    if (pin.person == 0) continue;
    const auto [first, added] = first_of.try_emplace(pin.person, static_cast<int>(track));
    if (!added) links.must.emplace_back(first->second, static_cast<int>(track));
  }
  const auto pinned_together = [&](size_t a, size_t b) {
    const auto one = state.pins.find(a), other = state.pins.find(b);
    return one != state.pins.end() && other != state.pins.end() && one->second.person != 0 &&
           one->second.person == other->second.person;
  };
  for (const auto& [a, b] : state.on_screen_together) {
    const auto one = static_cast<size_t>(a), other = static_cast<size_t>(b);
    if (!pinned_together(one, other)) {
      links.cannot.emplace_back(a, b);
      continue;
    }
    links.warnings.push_back(
        fmt::format("{} and {} are on the screen together, but corrections {} and {} make them one person; "
                    "the corrections are obeyed",
                    state.TrackName(one), state.TrackName(other), state.pins.at(one).correction,
                    state.pins.at(other).correction));
  }
  if (first_of.size() > 1) {
    auto& persons = links.partings.emplace_back();
    for (const auto& [person, track] : first_of) persons.push_back({track});
  }
  for (const auto& parting : state.partings) AddParting(state, parting, &links);
  return links;
}

}  // namespace crossface
