#include "crossface/curation/curation_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>

namespace crossface {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

// What is found in such a source may not be the nearest once all of it has been looked at.
bool IsUnderWay(SourceState state) {
  return state == SourceState::kPending || state == SourceState::kScanning;
}

}  // namespace

struct CurationState::References {
  std::vector<std::vector<int64_t>> kept;         // by event and reference: the track's id; 0: not known
  std::vector<std::pair<size_t, size_t>> sought;  // event, reference: to be found among a source's tracks
  std::vector<int64_t> sources;                   // where: ids
};

Result<CurationState> CurationState::Read(const Gallery& gallery) {
  return gallery.AtOneMoment([&]() -> Result<CurationState> {
    CROSSFACE_ASSIGN_OR_RETURN(CurationState state, ReadPersonsAndHistory(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(const References references, state.ReadReferences(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(state.sources, gallery.ReadSources());
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({}));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments());
    CROSSFACE_RETURN_IF_ERROR(state.TakeTracks(gallery, std::move(tracks), assignments, references));
    return state;
  });
}

Result<CurationState> CurationState::ReadOf(const Gallery& gallery, const std::vector<int64_t>& persons) {
  return ReadChosen(gallery, [&](const CurationState&) { return persons; });
}

Result<CurationState> CurationState::ReadChosen(const Gallery& gallery, const Choose& choose) {
  return gallery.AtOneMoment([&]() -> Result<CurationState> {
    CROSSFACE_ASSIGN_OR_RETURN(CurationState state, ReadPersonsAndHistory(gallery));
    state.is_part = true;
    CROSSFACE_ASSIGN_OR_RETURN(const References references, state.ReadReferences(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<int64_t> ids, gallery.TracksOfPersons(choose(state)));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> among, gallery.TracksOfSources(references.sources));
    ids.insert(ids.end(), among.begin(), among.end());
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({}, ids));
    CROSSFACE_RETURN_IF_ERROR(state.AddSourcesOf(gallery, &tracks));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments(ids));
    CROSSFACE_RETURN_IF_ERROR(state.TakeTracks(gallery, std::move(tracks), assignments, references));
    return state;
  });
}

Result<CurationState> CurationState::ReadMeant(const Gallery& gallery) {
  return gallery.AtOneMoment([&]() -> Result<CurationState> {
    CROSSFACE_ASSIGN_OR_RETURN(CurationState state, ReadPersonsAndHistory(gallery));
    state.is_part = true;
    CROSSFACE_ASSIGN_OR_RETURN(const References references, state.ReadReferences(gallery));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<int64_t> ids, gallery.TracksOfSources(references.sources));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({}, ids));
    CROSSFACE_RETURN_IF_ERROR(state.AddSourcesOf(gallery, &tracks));
    std::unordered_set<int64_t> known(ids.begin(), ids.end());
    size_t meant = 0;
    for (const auto& of_event : references.kept) meant += of_event.size();
    tracks.reserve(tracks.size() + meant);
    for (const auto& of_event : references.kept) {
      for (const int64_t id : of_event) {
        if (id == 0 || !known.insert(id).second) continue;
        ids.push_back(id);
        tracks.push_back({.id = id});
      }
    }
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments(ids));
    CROSSFACE_RETURN_IF_ERROR(state.TakeTracks(gallery, std::move(tracks), assignments, references));
    return state;
  });
}

Status CurationState::AddSourcesOf(const Gallery& gallery, std::vector<TrackRecord>* read) {
  std::set<int64_t> known, wanted;
  for (const SourceRecord& source : sources) known.insert(source.id);
  for (const TrackRecord& track : *read) {
    if (!known.contains(track.source_id)) wanted.insert(track.source_id);
  }
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<SourceRecord> more,
                             gallery.ReadSources({wanted.begin(), wanted.end()}, {}));
  for (SourceRecord& source : more) {
    known.insert(source.id);
    sources.push_back(std::move(source));
  }
  std::sort(sources.begin(), sources.end(),
            [](const SourceRecord& a, const SourceRecord& b) { return a.name < b.name; });
  // Of a scan that is not complete, which nobody looks at yet.
  std::erase_if(*read, [&](const TrackRecord& track) { return !known.contains(track.source_id); });
  return Status();
}

Result<CurationState> CurationState::ReadPersonsAndHistory(const Gallery& gallery) {
  CurationState state;
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  CROSSFACE_ASSIGN_OR_RETURN(state.next_person, gallery.NextPersonId());
  CROSSFACE_ASSIGN_OR_RETURN(state.next_correction, gallery.NextCorrectionId());
  for (const PersonRecord& person : persons)
    state.persons[person.id] = {person.name, person.ignored, person.by_reference};
  CROSSFACE_RETURN_IF_ERROR(state.ReadHistory(gallery));
  return state;
}

Status CurationState::TakeTracks(const Gallery& gallery, std::vector<TrackRecord> read,
                                 const std::vector<Assignment>& assignments, const References& references) {
  tracks = std::move(read);
  std::unordered_map<int64_t, size_t> source_by_id;
  for (size_t i = 0; i < sources.size(); ++i) source_by_id[sources[i].id] = i;
  std::unordered_map<int64_t, size_t> place;  // by track id
  for (size_t i = 0; i < tracks.size(); ++i) {
    // Of tracks that only corrections mean nothing is read but their ids.
    const bool is_read = tracks[i].source_id != 0;
    source_of.push_back(is_read ? source_by_id.at(tracks[i].source_id) : sources.size());
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
  for (size_t event = 0; event < history.size(); ++event) {
    for (size_t i = 0; i < history[event].tracks.size(); ++i) {
      const auto track = place.find(references.kept[event][i]);
      if (track != place.end()) found[event][i] = track->second;
    }
  }
  CROSSFACE_RETURN_IF_ERROR(FindReferences(gallery, references.sought));
  ReplayHistory();
  return Status();
}

Result<CurationState::References> CurationState::ReadReferences(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const FoundTracks kept, gallery.ReadFoundTracks());
  const auto known = [&](size_t event, size_t i) -> const FoundTrack* {
    const auto key = [](const FoundTrack& track) { return std::pair(track.correction_id, track.number); };
    const std::pair sought(history[event].id, static_cast<int64_t>(i));
    const auto track = std::lower_bound(
        kept.tracks.begin(), kept.tracks.end(), sought,
        [&](const FoundTrack& each, const auto& sought_key) { return key(each) < sought_key; });
    return track == kept.tracks.end() || key(*track) != sought ? nullptr : &*track;
  };
  const auto is_where_it_was = [&](const TrackReference& reference, const FoundTrack& track) {
    const FoundTracks::Source& source = kept.sources.at(track.source_id);
    return source.name == reference.source && source.sha256 == reference.sha256 &&
           source.part == reference.part;
  };
  References references;
  std::set<std::string> contents;  // of sources that must be looked at more closely
  for (size_t event = 0; event < history.size(); ++event) {
    const size_t count = history[event].tracks.size();
    found.emplace_back(count);
    missing.push_back(0);
    references.kept.emplace_back(count, 0);
    for (size_t i = 0; i < count; ++i) {
      const TrackReference& reference = history[event].tracks[i];
      const FoundTrack* track = known(event, i);
      if (track != nullptr && is_where_it_was(reference, *track)) {
        references.kept[event][i] = track->track_id;
      } else {
        references.sought.emplace_back(event, i);
        contents.insert(reference.sha256);
      }
    }
  }
  if (contents.empty()) return references;
  // A source may be called otherwise now, and of copies another one be meant then.
  CROSSFACE_ASSIGN_OR_RETURN(sources, gallery.ReadSources({}, {contents.begin(), contents.end()}));
  const std::vector<TrackRecord> no_tracks;
  const TrackTemplates no_templates;
  const TrackFinder finder(sources, no_tracks, no_templates);
  std::set<int64_t> searched;
  std::erase_if(references.sought, [&](const std::pair<size_t, size_t>& place) {
    const auto [event, i] = place;
    const SourceRecord* source = finder.SourceOf(history[event].tracks[i]);
    const FoundTrack* track = known(event, i);
    if (source == nullptr) {
      ++missing[event];
      return true;
    }
    if (track != nullptr && track->source_id == source->id) {
      references.kept[event][i] = track->track_id;
      return true;
    }
    searched.insert(source->id);
    return false;
  });
  references.sources.assign(searched.begin(), searched.end());
  return references;
}

Status CurationState::FindReferences(const Gallery& gallery,
                                     const std::vector<std::pair<size_t, size_t>>& sought) {
  if (sought.empty()) return Status();
  std::set<size_t> events;
  std::vector<const TrackReference*> references;
  references.reserve(sought.size());
  for (const auto& [event, i] : sought) events.insert(event);
  for (const size_t event : events) {
    CROSSFACE_ASSIGN_OR_RETURN(const std::string looks, gallery.ReadLooks(history[event].id));
    CROSSFACE_RETURN_IF_ERROR(AddLooks(looks, &history[event]));
  }
  for (const auto& [event, i] : sought) references.push_back(&history[event].tracks[i]);
  CROSSFACE_RETURN_IF_ERROR(ReadFacesOf(gallery, references));
  CROSSFACE_RETURN_IF_ERROR(ReadTemplatesOf(gallery, references));
  TrackFinder finder(sources, tracks, templates);
  for (const auto& [event, i] : sought) {
    const auto track = finder.Find(history[event].tracks[i]);
    found[event][i] = track;
    if (!track) ++missing[event];
    if (track && !IsUnderWay(sources[source_of[*track]].state))
      newly_found.push_back({.correction_id = history[event].id,
                             .number = static_cast<int64_t>(i),
                             .track_id = tracks[*track].id});
  }
  return Status();
}

Status CurationState::ReadHistory(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<CorrectionRecord> records, gallery.ReadCorrectionsWithoutLooks());
  for (CorrectionRecord& record : records) {
    CROSSFACE_ASSIGN_OR_RETURN(CurationEvent event, ParseCorrection(record));
    std::string().swap(record.body);  // megabytes, where whole persons were merged
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
Status CurationState::ReadFacesOf(const Gallery& gallery,
                                  const std::vector<const TrackReference*>& references) {
  std::unordered_map<std::string, std::vector<int64_t>> times;  // by SHA-256
  for (const TrackReference* reference : references) times[reference->sha256].push_back(reference->face_us);
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

Status CurationState::ReadTemplatesOf(const Gallery& gallery,
                                      const std::vector<const TrackReference*>& references) {
  const TrackFinder finder(sources, tracks, templates);
  std::set<int64_t> wanted;
  for (const TrackReference* reference : references) {
    if (reference->templates.empty()) continue;
    for (const size_t track : finder.Candidates(*reference)) wanted.insert(tracks[track].id);
  }
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> read,
                             gallery.ReadTracks({.templates = true}, {wanted.begin(), wanted.end()}));
  for (TrackRecord& track : read) templates[track.id] = std::move(track.templates);
  return Status();
}

void CurationState::ReplayHistory() {
  for (const size_t position : in_force) {
    const CurationEvent& event = history[position];
    const std::vector<std::optional<size_t>>& meant = found[position];
    if (missing[position] > 0) {
      warnings.push_back(
          fmt::format("correction {} ({}) speaks of {} tracks that are not found any more; it holds for the "
                      "others, and for "
                      "these once they are found again",
                      event.id, event.told, missing[position]));
    }
    for (const auto& person : event.persons) {
      if (person.after) known_facts[person.id] = *person.after;
    }
    // An anchor holds no track that the user has taken away.
    for (const auto& move : event.moves) {
      const auto& track = meant[static_cast<size_t>(move.track)];
      const auto pin = track ? pins.find(*track) : pins.end();
      if (pin != pins.end() && pin->second.anchor && pin->second.person == move.from && move.to != move.from)
        pins.erase(pin);
    }
    for (const auto& pin : event.pins) {
      if (const auto& track = meant[static_cast<size_t>(pin.track)])
        pins[*track] = {pin.person, pin.anchor, event.id};
    }
    const auto all_found = [&](const std::vector<int>& list) {
      std::vector<size_t> positions;
      for (const int track : list) {
        if (meant[static_cast<size_t>(track)]) positions.push_back(*meant[static_cast<size_t>(track)]);
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

}  // namespace crossface
