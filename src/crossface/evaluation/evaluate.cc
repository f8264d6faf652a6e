#include "crossface/evaluation/evaluate.h"

#include <fmt/format.h>

#include "crossface/evaluation/evaluate_labels.h"
#include "crossface/export/case_view.h"

namespace crossface {
namespace {

std::string_view FileName(std::string_view path) { return path.substr(path.find_last_of('/') + 1); }
std::string_view WithoutExtension(std::string_view name) {
  const size_t dot = name.find_last_of('.');
  return dot == std::string_view::npos || dot == 0 || name.find('/', dot) != std::string_view::npos
             ? name
             : name.substr(0, dot);
}

// The closer kind of match wins: whole name, then name without the source's extension.
std::vector<int> SourcesOf(const std::vector<std::string>& sources, const std::string& video) {
  std::vector<int> same, stem;
  for (size_t i = 0; i < sources.size(); ++i) {
    const std::string_view name =
        video.find('/') == std::string::npos ? FileName(sources[i]) : std::string_view(sources[i]);
    if (name == video) same.push_back(static_cast<int>(i));
    if (WithoutExtension(name) == video) stem.push_back(static_cast<int>(i));
  }
  return same.empty() ? stem : same;
}

}  // namespace

double TrackSeconds(const EvaluatedTrack& track) {
  return std::max(kLeastTrackSeconds, static_cast<double>(track.end_us - track.start_us) * 1e-6);
}

Result<std::map<std::string, int>> MatchVideos(const std::vector<std::string>& sources,
                                               const std::set<std::string>& videos,
                                               std::vector<std::string>* missing) {
  std::map<std::string, int> source_of;
  for (const std::string& video : videos) {
    const std::vector<int> matches = SourcesOf(sources, video);
    if (matches.size() > 1) {
      return Status(
          StatusCode::kInvalidArgument,
          fmt::format("the truth's video {} could be {} or {}: give its path below the input folder", video,
                      sources[matches[0]], sources[matches[1]]));
    }
    if (matches.empty()) {
      missing->push_back(video);
    } else {
      source_of[video] = matches[0];
    }
  }
  if (source_of.empty()) {
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("none of the truth's {} videos is in the case (the first is {})", videos.size(),
                              videos.empty() ? "" : *videos.begin()));
  }
  return source_of;
}

Result<EvaluatedCase> ReadEvaluatedCase(const Gallery& gallery) {
  CROSSFACE_ASSIGN_OR_RETURN(const CaseView view, CaseView::Read(gallery));
  EvaluatedCase found;
  for (const SourceRecord& source : view.sources) found.sources.push_back(source.name);
  for (const PersonView& person : view.persons) found.persons.push_back(person.record.name);
  for (size_t i = 0; i < view.tracks.size(); ++i) {
    const TrackRecord& record = view.tracks[i];
    EvaluatedTrack track{.source = static_cast<int>(view.source_of[i]),
                         .number = record.number,
                         .start_us = record.start_us,
                         .end_us = record.end_us,
                         .person = view.person_of[i],
                         .boxes = {},
                         .picture = view.ImagePath(view.BestFace(i))};
    std::error_code error;
    if (!std::filesystem::is_regular_file(gallery.case_folder() / track.picture, error))
      track.picture.clear();
    for (const FaceRecord& face : record.faces) track.boxes.emplace_back(face.time_us, face.detection.box);
    found.tracks.push_back(std::move(track));
  }
  return found;
}

Result<Evaluation> CompareWithTruth(const EvaluatedCase& found, const Truth& truth, int resamples) {
  return truth.kind == Truth::Kind::kBoxes ? CompareWithBoxes(found, truth.boxes, resamples)
                                           : CompareWithIntervals(found, truth.intervals, resamples);
}

Result<Evaluation> EvaluateCase(const Gallery& gallery, const std::filesystem::path& truth_file,
                                int resamples) {
  CROSSFACE_ASSIGN_OR_RETURN(const Truth truth, ReadTruth(truth_file));
  CROSSFACE_ASSIGN_OR_RETURN(const EvaluatedCase found, ReadEvaluatedCase(gallery));
  return CompareWithTruth(found, truth, resamples);
}

}  // namespace crossface
