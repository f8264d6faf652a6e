// CaseBrowser: sources, and the tracks to be drawn over their pictures.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "crossface/app/case_browser.h"
#include "crossface/app/look.h"
#include "crossface/app/source_media.h"
#include "crossface/export/duplicates_log.h"

namespace crossface {
namespace {

Status NoSource(int64_t source) {
  return Status(StatusCode::kNotFound, fmt::format("there is no source {}", source));
}

Result<std::vector<ShownSource>> Show(const Gallery& gallery, const std::vector<SourceRecord>& sources) {
  std::vector<ShownSource> shown;
  for (const SourceRecord& source : sources) {
    ShownSource one{.source = source, .there = IsThere(source), .playable = PlayableOf(source)};
    if (!one.there) {
      CROSSFACE_ASSIGN_OR_RETURN(one.let_go, FindLetGo(gallery, source.sha256));
    }
    CROSSFACE_ASSIGN_OR_RETURN(const auto tracks, gallery.TracksOfSources({source.id}));
    const size_t few = std::min<size_t>(tracks.size(), 20);
    CROSSFACE_ASSIGN_OR_RETURN(
        const auto faces,
        gallery.BestFacesOfTracks({tracks.begin(), tracks.begin() + static_cast<ptrdiff_t>(few)}));
    if (!faces.empty()) one.poster = faces.begin()->second;
    shown.push_back(std::move(one));
  }
  return shown;
}

Result<std::vector<SourceShownAnswer::Copy>> CopiesOf(const Gallery& gallery, const CaseFacts& facts,
                                                      int64_t id) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<CopyRecord> copies, gallery.ReadCopies());
  std::vector<SourceShownAnswer::Copy> shown;
  for (const CopyRecord& copy : copies) {
    if (copy.source_id != id && copy.other_id != id) continue;
    const bool first = copy.source_id == id;
    SourceShownAnswer::Copy one{.other_id = first ? copy.other_id : copy.source_id,
                                .kind = std::string(CopyKindName(copy.kind)),
                                .start_us = first ? copy.start_us : copy.other_start_us,
                                .other_start_us = first ? copy.other_start_us : copy.start_us,
                                .length_us = copy.length_us,
                                .mirrored = copy.mirrored};
    if (const SourceRecord* other = facts.Source(one.other_id)) one.other = other->name;
    shown.push_back(std::move(one));
  }
  return shown;
}

Status AddPersons(const Gallery& gallery, const CaseFacts& facts, int64_t id, SourceShownAnswer* answer) {
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> ids, gallery.TracksOfSources({id}));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery.ReadTracks({}, ids));
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments(ids));
  CROSSFACE_ASSIGN_OR_RETURN(const auto faces, gallery.BestFacesOfTracks(ids));
  std::map<int64_t, int64_t> owner;
  for (const Assignment& each : assignments) owner[each.track_id] = each.person_id;
  std::map<int64_t, SourceShownAnswer::Person> persons;
  for (const TrackRecord& track : tracks) {
    const int64_t person = owner[track.id];
    if (person == 0) {
      ++answer->unassigned_tracks;
      continue;
    }
    SourceShownAnswer::Person& one = persons[person];
    one.who = facts.Person(person).value_or(Who{person, ""});
    ++one.tracks;
    one.screen_us += track.end_us - track.start_us;
    if (const auto face = faces.find(track.id); one.portrait == 0 && face != faces.end())
      one.portrait = face->second;
  }
  for (auto& [person, one] : persons) answer->persons.push_back(std::move(one));
  std::stable_sort(answer->persons.begin(), answer->persons.end(),
                   [](const auto& a, const auto& b) { return a.screen_us > b.screen_us; });
  return Status();
}

}  // namespace

Result<SourceRecord> CaseBrowser::FindSource(int64_t source) const {
  return reader_.LookAt([&](const Gallery&, const CaseFacts& facts) -> Result<SourceRecord> {
    const SourceRecord* found = facts.Source(source);
    if (found == nullptr) return NoSource(source);
    return *found;
  });
}

Result<Stretch<ShownSource>> CaseBrowser::Sources(const std::string& text, Page page) const {
  return reader_.LookAt([&](const Gallery& gallery, const CaseFacts& facts) -> Result<Stretch<ShownSource>> {
    std::vector<SourceRecord> sources = facts.sources();
    const std::u32string sought = Folded(text);
    std::erase_if(sources, [&](const SourceRecord& source) {
      return !sought.empty() && Folded(source.name).find(sought) == std::u32string::npos;
    });
    const Stretch<SourceRecord> rows = StretchOf(sources, page);
    Stretch<ShownSource> answer{.first = rows.first, .total = rows.total};
    CROSSFACE_ASSIGN_OR_RETURN(answer.rows, Show(gallery, rows.rows));
    return answer;
  });
}

Result<SourceShownAnswer> CaseBrowser::Source(int64_t id) const {
  return reader_.LookAt([&](const Gallery& gallery, const CaseFacts& facts) -> Result<SourceShownAnswer> {
    const SourceRecord* source = facts.Source(id);
    if (source == nullptr) return NoSource(id);
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<ShownSource> shown, Show(gallery, {*source}));
    SourceShownAnswer answer{.source = std::move(shown.front())};
    CROSSFACE_ASSIGN_OR_RETURN(answer.copies, CopiesOf(gallery, facts, id));
    CROSSFACE_RETURN_IF_ERROR(AddPersons(gallery, facts, id, &answer));
    return answer;
  });
}

Result<Stretch<ShownTrack>> CaseBrowser::Tracks(int64_t source, int64_t from_us, int64_t to_us,
                                                Page page) const {
  return reader_.LookAt([&](const Gallery& gallery, const CaseFacts& facts) -> Result<Stretch<ShownTrack>> {
    if (facts.Source(source) == nullptr) return NoSource(source);
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<int64_t> all, gallery.TracksOfSources({source}));
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({}, all));
    std::erase_if(tracks,
                  [&](const TrackRecord& track) { return track.end_us < from_us || track.start_us > to_us; });
    const Stretch<TrackRecord> rows = StretchOf(tracks, page);
    std::vector<int64_t> ids;
    for (const TrackRecord& track : rows.rows) ids.push_back(track.id);
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> with_faces, gallery.ReadTracks({.faces = true}, ids));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments(ids));
    std::map<int64_t, const Assignment*> assigned;
    for (const Assignment& each : assignments) assigned[each.track_id] = &each;
    Stretch<ShownTrack> answer{.first = rows.first, .total = rows.total};
    for (TrackRecord& track : with_faces) {
      ShownTrack shown{.reason = track.reason};
      if (const auto found = assigned.find(track.id); found != assigned.end()) {
        shown.confidence = found->second->confidence;
        shown.reason = found->second->reason;
        shown.person = facts.Person(found->second->person_id);
      }
      shown.track = std::move(track);
      answer.rows.push_back(std::move(shown));
    }
    return answer;
  });
}

}  // namespace crossface
