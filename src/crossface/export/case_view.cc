#include "crossface/export/case_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "crossface/gallery/file_name.h"
#include "crossface/media/metadata/metadata.h"
#include "crossface/util/hash.h"
#include "crossface/util/time.h"

namespace crossface {
namespace {

// With the time, the track and the face behind it, a picture's name stays below the 255 bytes that file
// systems take.
constexpr size_t kLongestStem = 120;
constexpr size_t kDigitsMore = 6;

std::string FileStem(const std::string& source_name) {
  const std::string file = source_name.substr(source_name.rfind('/') + 1);
  const size_t dot = file.rfind('.');
  return dot == std::string::npos || dot == 0 ? file : file.substr(0, dot);
}

bool IsBetter(const FaceRecord& a, const FaceRecord& b) {
  const bool a_has_picture = a.jpeg_bytes > 0, b_has_picture = b.jpeg_bytes > 0;
  return a_has_picture == b_has_picture ? a.quality > b.quality : a_has_picture;
}

}  // namespace

std::string FolderOf(const PersonRecord& person) {
  return (person.ignored ? "ignored/" : "people/") + person.name;
}

std::vector<std::string> UniqueStems(const std::vector<std::string>& source_names) {
  std::vector<std::string> stems;
  std::vector<size_t> digits(source_names.size(), 0);
  for (const std::string& name : source_names) stems.push_back(SafeFileName(FileStem(name), kLongestStem));
  while (true) {
    std::map<std::string, std::vector<size_t>> sharing;
    for (size_t i = 0; i < stems.size(); ++i) sharing[CaseFolded(stems[i])].push_back(i);
    if (sharing.size() == stems.size()) return stems;
    for (const auto& [folded, sources] : sharing) {
      if (sources.size() == 1) continue;
      for (const size_t i : sources) {
        digits[i] += kDigitsMore;
        if (digits[i] > 64) throw std::logic_error("a case has two sources of one name");
        stems[i] = SafeFileName(FileStem(source_names[i]), kLongestStem) + "-" +
                   Sha256Hex(source_names[i]).substr(0, digits[i]);
      }
    }
  }
}

WallClock WallClockOf(const SourceInfo& info, int64_t start_us, int64_t end_us) {
  WallClock clock{.start = DateAfter(info.created, start_us), .end = DateAfter(info.created, end_us)};
  if (!clock.start.empty()) clock.from = info.created_from;
  return clock;
}

Result<CaseView> CaseView::Read(const Gallery& gallery) {
  return gallery.AtOneMoment([&]() -> Result<CaseView> {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({.faces = true}));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments());
    CROSSFACE_ASSIGN_OR_RETURN(CaseView view, Of(gallery, std::move(tracks), assignments));
    CROSSFACE_ASSIGN_OR_RETURN(const auto cohesion, gallery.ReadCohesion());
    for (PersonView& person : view.persons) {
      if (const auto known = cohesion.find(person.record.id); known != cohesion.end())
        person.cohesion = known->second;
    }
    return view;
  });
}

Result<CaseView> CaseView::ReadSome(const Gallery& gallery, const std::vector<int64_t>& track_ids) {
  return gallery.AtOneMoment([&]() -> Result<CaseView> {
    CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks,
                               gallery.ReadTracks({.faces = true}, track_ids));
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments(track_ids));
    return Of(gallery, std::move(tracks), assignments);
  });
}

Result<CaseView> CaseView::Of(const Gallery& gallery, std::vector<TrackRecord> tracks,
                              const std::vector<Assignment>& assignments) {
  CaseView view;
  view.tracks = std::move(tracks);
  CROSSFACE_ASSIGN_OR_RETURN(view.sources, gallery.ReadSources());
  std::erase_if(view.tracks, [](const TrackRecord& track) { return track.faces.empty(); });
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());

  std::unordered_map<int64_t, size_t> source_by_id;
  std::vector<std::string> names;
  for (size_t i = 0; i < view.sources.size(); ++i) {
    source_by_id[view.sources[i].id] = i;
    names.push_back(view.sources[i].name);
  }
  view.stems_ = UniqueStems(names);
  for (const TrackRecord& track : view.tracks) view.source_of.push_back(source_by_id.at(track.source_id));
  view.FindPersons(persons, assignments);
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<SuggestionRecord> suggestions, gallery.ReadSuggestions());
  for (const SuggestionRecord& suggestion : suggestions) {
    std::optional<SuggestionView> shown = suggestion.settled ? std::nullopt : view.Show(suggestion);
    if (shown) view.suggestions.push_back(*std::move(shown));
  }
  return view;
}

void CaseView::FindPersons(const std::vector<PersonRecord>& records,
                           const std::vector<Assignment>& assignments) {
  std::unordered_map<int64_t, const Assignment*> assignment_of;
  for (const Assignment& assignment : assignments) assignment_of[assignment.track_id] = &assignment;
  std::map<int64_t, std::vector<size_t>> tracks_of;  // by person's id
  person_of.assign(tracks.size(), -1);
  confidence.assign(tracks.size(), 0);
  reason.assign(tracks.size(), UnassignedReason::kNone);
  for (size_t i = 0; i < tracks.size(); ++i) {
    const auto found = assignment_of.find(tracks[i].id);
    const int64_t person = found == assignment_of.end() ? 0 : found->second->person_id;
    if (found != assignment_of.end()) {
      confidence[i] = found->second->confidence;
      reason[i] = found->second->reason;
    }
    person == 0 ? unassigned.push_back(i) : tracks_of[person].push_back(i);
  }
  for (const PersonRecord& record : records) {
    const auto own = tracks_of.find(record.id);
    if (own == tracks_of.end()) continue;
    PersonView person{.record = record, .folder = FolderOf(record), .tracks = own->second};
    person.portrait = BestFaceOf(person.tracks);
    std::set<size_t> seen_in;
    for (const size_t track : person.tracks) {
      person_of[track] = static_cast<int>(persons.size());
      person.screen_us += tracks[track].end_us - tracks[track].start_us;
      seen_in.insert(source_of[track]);
    }
    person.sources = seen_in.size();
    persons.push_back(std::move(person));
  }
}

std::optional<SuggestionView> CaseView::Show(const SuggestionRecord& suggestion) const {
  const auto position = [&](int64_t id) {
    const auto found = std::lower_bound(persons.begin(), persons.end(), id,
                                        [](const PersonView& a, int64_t b) { return a.record.id < b; });
    return found == persons.end() || found->record.id != id ? -1 : static_cast<int>(found - persons.begin());
  };
  const int person = position(suggestion.person_id);
  if (person < 0) return std::nullopt;
  SuggestionView view{.record = suggestion, .person = static_cast<size_t>(person)};
  if (suggestion.kind == SuggestionRecord::Kind::kMerge) {
    view.other = position(suggestion.other_id);
    if (view.other < 0) return std::nullopt;
    view.face = persons[view.person].portrait;
    view.other_face = persons[static_cast<size_t>(view.other)].portrait;
    return view;
  }
  std::vector<size_t> rest;
  for (const size_t track : persons[view.person].tracks) {
    const bool named =
        std::binary_search(suggestion.tracks.begin(), suggestion.tracks.end(), tracks[track].id);
    (named ? view.tracks : rest).push_back(track);
  }
  if (view.tracks.empty() || rest.empty()) return std::nullopt;
  view.face = BestFaceOf(rest);
  view.other_face = BestFaceOf(view.tracks);
  return view;
}

const std::string& CaseView::PersonName(size_t track) const {
  static const std::string nobody;
  return person_of[track] < 0 ? nobody : persons[static_cast<size_t>(person_of[track])].record.name;
}

std::map<UnassignedReason, int64_t> CaseView::CountReasons() const {
  std::map<UnassignedReason, int64_t> counts;
  for (const size_t track : unassigned) {
    if (reason[track] != UnassignedReason::kNone) ++counts[reason[track]];
  }
  return counts;
}

std::string CaseView::ImagePath(FacePlace place) const {
  const TrackRecord& track = tracks[place.track];
  const FaceRecord& face = Face(place);
  if (face.jpeg_bytes == 0) return "";
  const int person = person_of[place.track];
  return fmt::format(
      "{}/faces/{}_{}_t{}_f{}.jpg", person < 0 ? "unassigned" : persons[static_cast<size_t>(person)].folder,
      stems_[source_of[place.track]], FileTimecode(Milliseconds(face.time_us)), track.number, face.number);
}

FacePlace CaseView::BestFaceOf(const std::vector<size_t>& tracks_to_search) const {
  FacePlace best = BestFace(tracks_to_search.front());
  for (const size_t track : tracks_to_search) {
    const FacePlace place = BestFace(track);
    if (IsBetter(Face(place), Face(best))) best = place;
  }
  return best;
}

std::string CaseView::TrackName(size_t track) const {
  return fmt::format("{}:{}", sources[source_of[track]].name, tracks[track].number);
}

FacePlace CaseView::BestFace(size_t track) const {
  const std::vector<FaceRecord>& faces = tracks[track].faces;
  size_t best = 0;
  for (size_t i = 1; i < faces.size(); ++i) {
    if (IsBetter(faces[i], faces[best])) best = i;
  }
  return {track, best};
}

}  // namespace crossface
