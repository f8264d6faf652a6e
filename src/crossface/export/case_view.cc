#include "crossface/export/case_view.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "crossface/gallery/file_name.h"
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

int64_t Milliseconds(int64_t microseconds) {
  const int64_t shifted = microseconds + 500;
  return shifted >= 0 ? shifted / 1000 : -((-shifted + 999) / 1000);
}

Result<CaseView> CaseView::Read(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({.faces = true}));
  return Of(gallery, std::move(tracks));
}

Result<CaseView> CaseView::ReadSome(const Gallery& gallery, const std::vector<int64_t>& track_ids) {
  CROSSFACE_ASSIGN_OR_RETURN(std::vector<TrackRecord> tracks, gallery.ReadTracks({.faces = true}, track_ids));
  return Of(gallery, std::move(tracks));
}

Result<CaseView> CaseView::Of(const Gallery& gallery, std::vector<TrackRecord> tracks) {
  CaseView view;
  view.tracks = std::move(tracks);
  CROSSFACE_ASSIGN_OR_RETURN(view.sources, gallery.ReadSources());
  std::erase_if(view.tracks, [](const TrackRecord& track) { return track.faces.empty(); });
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<PersonRecord> persons, gallery.ReadPersons());
  CROSSFACE_ASSIGN_OR_RETURN(const std::vector<Assignment> assignments, gallery.ReadAssignments());

  std::unordered_map<int64_t, size_t> source_by_id;
  std::vector<std::string> names;
  for (size_t i = 0; i < view.sources.size(); ++i) {
    source_by_id[view.sources[i].id] = i;
    names.push_back(view.sources[i].name);
  }
  view.stems_ = UniqueStems(names);
  for (const TrackRecord& track : view.tracks) view.source_of.push_back(source_by_id.at(track.source_id));
  view.FindPersons(persons, assignments);
  return view;
}

void CaseView::FindPersons(const std::vector<PersonRecord>& records,
                           const std::vector<Assignment>& assignments) {
  std::unordered_map<int64_t, const Assignment*> assignment_of;
  for (const Assignment& assignment : assignments) assignment_of[assignment.track_id] = &assignment;
  std::map<int64_t, std::vector<size_t>> tracks_of;  // by person's id
  person_of.assign(tracks.size(), -1);
  confidence.assign(tracks.size(), 0);
  for (size_t i = 0; i < tracks.size(); ++i) {
    const auto found = assignment_of.find(tracks[i].id);
    const int64_t person = found == assignment_of.end() ? 0 : found->second->person_id;
    if (found != assignment_of.end()) confidence[i] = found->second->confidence;
    person == 0 ? unassigned.push_back(i) : tracks_of[person].push_back(i);
  }
  for (const PersonRecord& record : records) {
    const auto own = tracks_of.find(record.id);
    if (own == tracks_of.end()) continue;
    const char* parent = record.ignored ? "ignored/" : "people/";
    PersonView person{.record = record, .folder = parent + record.name, .tracks = own->second};
    person.portrait = BestFace(person.tracks.front());
    std::set<size_t> seen_in;
    for (const size_t track : person.tracks) {
      person_of[track] = static_cast<int>(persons.size());
      person.screen_us += tracks[track].end_us - tracks[track].start_us;
      seen_in.insert(source_of[track]);
      const FacePlace best = BestFace(track);
      if (IsBetter(Face(best), Face(person.portrait))) person.portrait = best;
    }
    person.sources = seen_in.size();
    persons.push_back(std::move(person));
  }
}

const std::string& CaseView::PersonName(size_t track) const {
  static const std::string nobody;
  return person_of[track] < 0 ? nobody : persons[static_cast<size_t>(person_of[track])].record.name;
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

FacePlace CaseView::BestFace(size_t track) const {
  const std::vector<FaceRecord>& faces = tracks[track].faces;
  size_t best = 0;
  for (size_t i = 1; i < faces.size(); ++i) {
    if (IsBetter(faces[i], faces[best])) best = i;
  }
  return {track, best};
}

}  // namespace crossface
