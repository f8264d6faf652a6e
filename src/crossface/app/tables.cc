// What CaseService answers about a whole case, row by row.
#include <algorithm>

#include "crossface/app/case_service.h"
#include "crossface/app/look_at.h"
#include "crossface/export/case_view.h"

namespace crossface {
namespace {

// Faces of so many tracks are in memory at once.
constexpr size_t kTracksOfABatch = 2000;

WhoseAnswer WhoseIs(const CaseView& view, size_t track) {
  if (view.person_of[track] < 0) return {.reason = view.reason[track]};
  const PersonRecord& person = view.persons[static_cast<size_t>(view.person_of[track])].record;
  return {.person_id = person.id, .person = person.name, .ignored = person.ignored};
}

AppearanceAnswer AppearanceOf(const CaseView& view, size_t i) {
  const TrackRecord& track = view.tracks[i];
  const SourceRecord& source = view.sources[view.source_of[i]];
  WallClock clock = WallClockOf(source.info, track.start_us, track.end_us);
  return {.whose = WhoseIs(view, i),
          .source = source.name,
          .source_sha256 = source.sha256,
          .track = track.number,
          .start_us = track.start_us,
          .end_us = track.end_us,
          .faces = static_cast<int64_t>(track.faces.size()),
          .confidence = view.confidence[i],
          .portrait = view.ImagePath(view.BestFace(i)),
          .start_time = std::move(clock.start),
          .end_time = std::move(clock.end),
          .time_from = std::move(clock.from)};
}

FaceAnswer FaceOf(const CaseView& view, FacePlace place) {
  const TrackRecord& track = view.tracks[place.track];
  const FaceRecord& face = view.Face(place);
  const cv::Rect2f& box = face.detection.box;
  return {.whose = WhoseIs(view, place.track),
          .source = view.sources[view.source_of[place.track]].name,
          .track = track.number,
          .face = face.number,
          .time_us = face.time_us,
          .frame = face.frame,
          .box = {box.x, box.y, box.width, box.height},
          .score = face.detection.score,
          .quality = face.quality,
          .detectors = face.detection.seen_by.ToString(),
          .image = view.ImagePath(place)};
}

Result<std::vector<FaceAnswer>> FacesOf(const Gallery& gallery, const std::vector<int64_t>& tracks) {
  CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::ReadSome(gallery, tracks));
  std::vector<FaceAnswer> faces;
  for (size_t track = 0; track < view.tracks.size(); ++track) {
    for (size_t face = 0; face < view.tracks[track].faces.size(); ++face)
      faces.push_back(FaceOf(view, {track, face}));
  }
  return faces;
}

}  // namespace

Ending CaseService::Sources(SourcesAnswer* answer) const {
  return LookAt(case_folder_, [&](const Gallery& gallery) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(answer->sources, gallery.ReadSources());
    return Status();
  });
}

Ending CaseService::Appearances(AppearancesAnswer* answer) const {
  return LookAt(case_folder_, [&](const Gallery& gallery) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::Read(gallery));
    for (size_t i = 0; i < view.tracks.size(); ++i) answer->appearances.push_back(AppearanceOf(view, i));
    return Status();
  });
}

Ending CaseService::Faces(const std::function<void(const std::vector<FaceAnswer>&)>& each,
                          const Watch& watch) const {
  return LookAt(case_folder_, [&](const Gallery& gallery) -> Status {
    CROSSFACE_ASSIGN_OR_RETURN(const std::vector<TrackRecord> tracks, gallery.ReadTracks({}));
    for (size_t first = 0; first < tracks.size(); first += kTracksOfABatch) {
      if (watch.stop.stop_requested()) return Status(StatusCode::kInterrupted, "stopped");
      std::vector<int64_t> batch;
      for (size_t i = first; i < std::min(tracks.size(), first + kTracksOfABatch); ++i)
        batch.push_back(tracks[i].id);
      CROSSFACE_ASSIGN_OR_RETURN(const std::vector<FaceAnswer> faces, FacesOf(gallery, batch));
      each(faces);
      watch.to().OnWork(CountedWork("faces", static_cast<int64_t>(first + batch.size()),
                                    static_cast<int64_t>(tracks.size())));
    }
    return Status();
  });
}

}  // namespace crossface
